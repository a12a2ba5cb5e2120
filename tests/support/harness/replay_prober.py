"""The real prober and the real canaries, with the simulated network under them."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from support.harness.replay_network import ReplayNetwork

from bot.detection.probes.connection import AttemptProgress
from bot.detection.probes.controls import ControlGroup
from bot.detection.probes.probe import Probe
from bot.detection.probes.prober import LONGEST_TIMEOUT, Prober
from bot.detection.probes.reply import RawReply
from bot.detection.probes.web import WebProber
from bot.model import Clock
from bot.model.signals import Signal

if TYPE_CHECKING:
    from bot.detection.probes.aws_canaries import Canary


class _ReplayProber(Prober):
    """Everything but the attempt itself is the prober's own."""

    def __init__(self, network: ReplayNetwork, **more: Any) -> None:
        super().__init__(WebProber(), **more)
        self._network = network

    async def _reply(self, probe: Probe, progress: AttemptProgress) -> RawReply:
        limit = probe.expect.latency
        timeout = self._timeout if limit is None else max(self._timeout, min(limit * 1.5, LONGEST_TIMEOUT))
        return await self._network.attempt(probe, timeout, progress)


def prober_for(
    network: ReplayNetwork,
    *,
    clock: Clock,
    vantage: str,
    chance: Callable[[], float],
    controls: ControlGroup[Probe] | None = None,
) -> Prober:
    """A prober whose attempts meet the simulated world."""
    return _ReplayProber(network, clock=clock, vantage=vantage, chance=chance, controls=controls)


def caller_for(network: ReplayNetwork, *, clock: Clock, vantage: str) -> "Callable[[Canary], Awaitable[Signal]]":
    """The function that makes a canary call in the simulated world; its errors are botocore's own."""
    from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError  # noqa: PLC0415

    from bot.detection.probes.aws_canaries import Canaries, Canary  # noqa: PLC0415 - botocore only where it is called

    class Client:
        def __init__(self, canary: Canary) -> None:
            self._canary = canary

        def __getattr__(self, _: str) -> Callable[..., None]:
            return self._call

        def _call(self, **_: object) -> None:
            call, region = self._canary.call, self._canary.scope.region
            host = f"{self._canary.scope.part}.{region}.amazonaws.com"
            made = network.outside.request(network.place, host, 443, "/", clock(), signed_in=True)
            if made.failure == "timeout" or made.seconds > 5:
                raise ReadTimeoutError(endpoint_url=f"https://{host}/")
            if made.failure:
                raise EndpointConnectionError(endpoint_url=f"https://{host}/")
            if made.answer is not None and made.answer.status >= 500:
                error = {
                    "Error": {"Code": "InternalFailure"},
                    "ResponseMetadata": {"HTTPStatusCode": made.answer.status},
                }
                raise ClientError(error, call.operation)  # type: ignore[arg-type] # as botocore itself makes it

    class Simulated(Canaries):
        def _client(self, canary: Canary) -> Any:
            return Client(canary)

    return Simulated(clock=clock, vantage=vantage).observe

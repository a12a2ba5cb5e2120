"""Runs one probe: tries again beside the control group before it reports a failure, and returns a signal."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from bot.detection.probes.connection import AttemptProgress
from bot.detection.probes.controls import ControlGroup
from bot.detection.probes.dns import query_dns
from bot.detection.probes.ipv6 import Ipv6Path
from bot.detection.probes.judge import judge
from bot.detection.probes.probe import Probe, ProbeAnswer, signal_of
from bot.detection.probes.record import TargetRecords
from bot.detection.probes.registrar import RegistrarWatch
from bot.detection.probes.reply import RawReply
from bot.detection.probes.web import WebProber
from bot.model import Clock
from bot.model.signals import Health, Signal, Trouble

Sleep = Callable[[float], Awaitable[None]]

TIMEOUT = 3.0
"""Seconds for one attempt. Two attempts and the pauses between them fit into the fast interval of 8 s."""
LONGEST_TIMEOUT = 30.0
"""The same for an endpoint whose own limit of latency is higher."""
ATTEMPTS = 2
"""Failed attempts in a row after which the result is bad: one lost packet is not an outage."""
PAUSE = 0.7
"""Average seconds between attempts, randomised so that many probes do not run at once."""
STALL = 1.0
"""Seconds past its time limit after which a failed attempt says only that this process was stopped: it is made again."""
CERTIFICATE_INTERVAL = 3600.0
"""Seconds between two looks at a certificate."""


class Prober:
    """Runs probes. `vantage` names this replica in its signals.

    `controls`: where given, the second attempt runs at the same moment as a round of the control group, whose signals are told
    first. `registrar`: where set, a domain's registration is weighed beside its zone.
    """

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        web: WebProber,
        *,
        clock: Clock,
        vantage: str = "",
        sleep: Sleep = asyncio.sleep,
        timeout: float = TIMEOUT,
        chance: Callable[[], float] = random.random,
        records: TargetRecords | None = None,
        controls: ControlGroup[Probe] | None = None,
    ) -> None:
        self._web, self._clock, self._vantage = web, clock, vantage
        self._sleep, self._timeout, self._chance = sleep, timeout, chance
        self._records = records or TargetRecords()
        self.controls = controls
        self.registrar: RegistrarWatch | None = None
        self.ipv6 = Ipv6Path()

    async def observe(self, probe: Probe) -> Signal:
        """Try at most twice; a good or unknown result ends it. Never raises."""
        if probe.family and not self.ipv6.worth_probing(probe, self._clock()):
            return self._signal(probe, ProbeAnswer(Health.UNKNOWN, "no working IPv6 path"))
        progress = AttemptProgress()
        first = answer = await self._attempt(probe, progress)
        for _ in range(ATTEMPTS - 1):
            if answer.fine:
                break
            await self._sleep(PAUSE * (0.5 + self._chance()))
            beside = self.controls.join() if self.controls is not None and not probe.control else None
            if beside is not None:
                await beside.begun.wait()
            answer = await self._attempt(probe, AttemptProgress(avoid=progress.address))
            if beside is not None:
                await beside.done.wait()
        if probe.family:
            answer = self.ipv6.weigh(probe, answer, self._clock())
        answer = self._if_proven(probe, answer)
        if self.registrar is not None:
            answer = self.registrar.weigh(probe, answer)
        failed_first = first.state is Health.BAD or (not first.fine and first.trouble is not Trouble.SLOW)
        return self._signal(probe, answer, retried=failed_first and answer.state is Health.GOOD)

    def _if_proven(self, probe: Probe, answer: ProbeAnswer) -> ProbeAnswer:
        """The answer; unknown where an endpoint of providers.yaml never answered as expected from here.

        What backstay brings along may be out of date, or not reachable from this network: that is no outage.
        """
        record = self._records.of(probe.source, probe.via)
        record.answered = record.answered or answer.state is Health.GOOD
        if probe.origin != "providers.yaml" or answer.state is not Health.BAD or record.answered:
            return answer
        return ProbeAnswer(Health.UNKNOWN, f"never answered as expected from here: {answer.detail}")

    def _signal(self, probe: Probe, answer: ProbeAnswer, *, retried: bool = False) -> Signal:
        return signal_of(probe, answer, self._clock(), self._vantage, retried=retried)

    async def _attempt(self, probe: Probe, progress: AttemptProgress) -> ProbeAnswer:
        now = self._clock().timestamp()
        record = self._records.of(probe.source, probe.via)
        progress.reads_certificate = now - record.read_at >= CERTIFICATE_INTERVAL
        reply = await self._reply(probe, progress)
        if reply.trouble is not Trouble.NONE and reply.seconds > self._timeout_of(probe) + STALL:
            reply = await self._reply(probe, progress)
        return judge(probe, reply, self._records, now)

    def _timeout_of(self, probe: Probe) -> float:
        limit = probe.expect.latency
        return self._timeout if limit is None else max(self._timeout, min(limit * 1.5, LONGEST_TIMEOUT))

    async def _reply(self, probe: Probe, progress: AttemptProgress) -> RawReply:
        timeout = self._timeout_of(probe)
        match probe.kind:
            case "dns":
                return await query_dns(probe, timeout)
            case "http":
                return await self._web.get(probe, timeout, progress)
            case "tcp" | "tls":
                return await self._web.connect(probe, timeout, progress)

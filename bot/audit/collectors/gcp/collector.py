"""Collects facts from Google Cloud in a child process."""

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from bot.audit.collectors.engine.parent import ChildProgram, run_child
from bot.audit.collectors.gcp.asset import SOURCE
from bot.model import Collected, Place, Progress
from checks import Service

_CHILD = ChildProgram(
    "bot.audit.collectors.gcp.child",
    "Google Cloud",
    "check its last lines on stderr, and that backstay[google] is installed",
)


class GcpSettings(BaseModel):
    """How Google Cloud is read. `parents`: `projects/ID`, `folders/NUMBER` or `organizations/NUMBER`.

    `credentials_file`: of a service account or workload identity federation, else application default credentials. `api_url`:
    one address for all APIs, else Google's own; `private`: it, and the endpoints that credentials name, may be at private
    addresses. `calls_per_second` is a limit per API, `timeout` is in seconds per call.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    parents: tuple[str, ...]
    credentials_file: str = ""
    api_url: str = ""
    private: bool = False
    calls_per_second: float = 20.0
    timeout: float = 30.0


class GcpCollector:
    """Implements `model.Collector` for Google Cloud. A fact's `account` is the id of its project."""

    def __init__(self, settings: GcpSettings) -> None:
        self._settings = settings

    async def collect(
        self,
        services: Sequence[Service],  # noqa: ARG002 - all assets are read, and attributed by labels later
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read all parents in one child process; one that cannot be read becomes a gap. Cancelling kills the child.

        Where only places of other clouds are asked for, nothing is read.

        Raises:
            UnusableError: no parent can be read, or the child process died.
        """
        places = None if only is None else sorted(place for place in only if place[0] == SOURCE)
        if places == []:
            return Collected((), ())
        return await run_child(_CHILD, {**self._settings.model_dump(mode="json"), "only": places}, progress)

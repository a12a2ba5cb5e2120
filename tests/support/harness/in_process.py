"""Collectors whose program runs in the test's own process: the same requests and frames, without starting a second Python."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.audit.collectors.engine.program import ReadAll
from bot.audit.facts_codec import unpack
from bot.model import Collected, Place, Progress
from checks import Fact, Gap, Service


@dataclass(frozen=True, slots=True)
class InProcess:
    """Implements `model.Collector` by the function that a child process would run."""

    read: ReadAll
    request: Mapping[str, Any]

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read everything that the request names."""
        facts: list[Fact] = []
        gaps: list[Gap] = []
        places: list[Place] = []
        accounts: list[str] = []

        def emit(frame: dict[str, Any]) -> None:
            if frame["t"] == "end":
                accounts.extend(frame["accounts"])
            elif frame["t"] == "part":
                found, missing, _ = unpack(frame)
                facts.extend(found)
                gaps.extend(missing)
                if frame["place"]:
                    source, account, region = frame["place"]
                    places.append((source, account, region))

        await self.read({**self.request, "only": None if only is None else sorted(only)}, emit)
        return Collected(facts, gaps, tuple(dict.fromkeys(places)), tuple(accounts))

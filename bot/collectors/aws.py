"""AWS -> facts. The work runs in a child process: the event loop stays free and the memory goes with it."""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

import bot
from bot.facts_codec import unpack
from bot.ports import Collected, Place, Progress, UnusableError
from checks import (
    ComputeGroup,
    Datastore,
    Fact,
    Gap,
    LoadBalancer,
    Network,
    ObjectStore,
    Rehearsal,
    Service,
    discover,
)

# What a what-if and the discovery of services stand on, whichever checks are enabled.
_ALWAYS: frozenset[type[Fact]] = frozenset((ComputeGroup, Datastore, ObjectStore, LoadBalancer, Network, Rehearsal))
_LONGEST_FRAME = 64 << 20  # bytes; a frame is 200 facts, tags and all


class AwsAccount(BaseModel):
    """One account. `id` empty: the one that the credentials belong to. `role`: name or ARN to assume."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    name: str = ""
    role: str = ""
    external_id: SecretStr = SecretStr("")
    regions: tuple[str, ...] = ()


class AwsSettings(BaseModel):
    """How AWS is read. `regions` empty: all that are enabled; `timeout` in seconds for one answer.

    `calls_per_second` and `burst` hold for one account, region and service; `role` for accounts that name none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = ""
    regions: tuple[str, ...] = ()
    accounts: tuple[AwsAccount, ...] = ()
    organization: bool = False
    role: str = ""
    concurrency: int = 16
    calls_per_second: float = 20.0
    burst: float = 40.0
    timeout: float = 20.0


def needed_kinds() -> frozenset[type[Fact]]:
    """The kinds of facts that some check, the what-if or the discovery of services asks for."""
    return _ALWAYS | {need.kind for check in discover() for need in check.needs}


class AwsCollector:
    """The `ports.Collector` of AWS. `kinds`: what is needed; sources that bring nothing of it are not read."""

    def __init__(self, settings: AwsSettings, kinds: Iterable[type[Fact]] | None = None) -> None:
        self._settings = settings
        self._kinds = None if kinds is None else frozenset(kinds)

    async def collect(
        self,
        services: Sequence[Service],  # noqa: ARG002 - AWS is read whole; facts find their services by tags
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read AWS in a child process; cancelling kills it.

        Raises:
            UnusableError: no credentials, nothing readable with them, or the child process died.
        """
        began = time.monotonic()
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.collectors._child", stdin=PIPE, stdout=PIPE, limit=_LONGEST_FRAME, env=_env()
        )
        try:
            gathered = await self._talk(child, progress, only)
        finally:
            if child.returncode is None:
                child.kill()
            await child.wait()
        if not gathered.ended:
            raise UnusableError(f"the process that reads AWS died ({_death(child.returncode)})", _MEND_DEATH)
        return gathered.collected(time.monotonic() - began)

    async def _talk(
        self, child: Process, progress: Callable[[Progress], None], only: frozenset[Place] | None
    ) -> "_Gathered":
        if child.stdin is None or child.stdout is None:
            raise UnusableError("the process that reads AWS has no pipes")
        gathered = _Gathered()
        try:
            child.stdin.write(json.dumps(self._order(only)).encode())
            await child.stdin.drain()
            child.stdin.close()
        except (BrokenPipeError, ConnectionResetError):
            return gathered
        async for line in child.stdout:
            frame = json.loads(line)
            if frame["t"] == "progress":
                progress(Progress(frame["done"], frame["total"], frame["doing"]))
            else:
                gathered.take(frame)
        await child.wait()
        return gathered

    def _order(self, only: frozenset[Place] | None) -> dict[str, Any]:
        told = self._settings
        kinds = needed_kinds() if self._kinds is None else self._kinds
        return {
            "kinds": sorted(kind.__name__ for kind in kinds),
            "profile": told.profile,
            "regions": told.regions,
            "accounts": [
                {
                    "id": one.id,
                    "role": one.role,
                    "external_id": one.external_id.get_secret_value(),
                    "regions": one.regions,
                }
                for one in told.accounts
            ],
            "organization": told.organization,
            "role": told.role,
            "limits": {
                "concurrency": told.concurrency,
                "rate": told.calls_per_second,
                "burst": told.burst,
                "timeout": told.timeout,
            },
            "only": None if only is None else sorted(only),
        }


_MEND_DEATH = "look at its last words on stderr; out of memory: lower aws.concurrency or read fewer regions at once"


@dataclass(slots=True)
class _Gathered:
    """What the child has told so far."""

    facts: list[Fact] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    read: dict[Place, None] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    calls: int = 0
    ended: bool = False

    def take(self, frame: dict[str, Any]) -> None:
        if frame["t"] == "unusable":
            raise UnusableError(frame["problem"], frame["mend"])
        if frame["t"] == "end":
            self.ended, self.calls, self.accounts = True, frame["calls"], tuple(frame["accounts"])
            return
        facts, gaps, _ = unpack(frame)
        self.facts += facts
        self.gaps += gaps
        if frame["place"]:
            source, account, region = frame["place"]
            self.read[source, account, region] = None

    def collected(self, seconds: float) -> Collected:
        return Collected(self.facts, self.gaps, tuple(self.read), self.accounts, self.calls, round(seconds, 3))


def _env() -> dict[str, str]:
    """Ours, and where this very package lies: a folder called `bot` in the working directory must not stand in for it.

    glibc gives each thread an arena of memory that it hardly uses; two are enough for threads that share one lock.
    """
    home = str(Path(bot.__file__ or "").resolve().parents[1])
    old = os.environ.get("PYTHONPATH")
    path = os.pathsep.join((home, old)) if old else home
    return {"MALLOC_ARENA_MAX": "2", **os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": path}


def _death(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"

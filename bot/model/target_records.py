"""What probes remember of a target over a restart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """One record of one target over one path. `about` says what of: `answers`, `networks` or `rounds`; `body` contains JSON."""

    about: str
    source: str
    via: str
    body: Mapping[str, Any]


class TargetRecordLedger(Protocol):
    """Where the records of targets are kept."""

    async def save_target_records(self, records: Sequence[KeptRecord], at: datetime) -> None:
        """Save records, each in place of an older one."""
        ...

    async def target_records(self, *about: str) -> tuple[KeptRecord, ...]:
        """The saved records about these."""
        ...

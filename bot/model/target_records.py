"""What probes remember of a target over a restart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """One record of one target over one path. `about` says what of: `answers`, `networks` or `rounds`; `body` contains JSON."""

    about: str
    source: str
    via: str
    body: Mapping[str, Any]

"""What is known of our services, for whoever asks whom an outage hits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checks import Seen

RunsOn = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Estate:
    """What is known of us: services with their facts, where SaaS stands, and runbooks' first steps by service."""

    seen: Sequence[Seen] = ()
    runs_on: RunsOn | None = None
    first_steps: Mapping[str, tuple[str, ...]] | None = None

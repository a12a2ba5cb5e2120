"""What backstay knows of the organisation's services, to find those that an outage affects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checks import Seen

RunsOn = Mapping[str, tuple[str, ...]]
"""SaaS provider -> the clouds or scopes it runs on (`aws/us-east-1`)."""


@dataclass(frozen=True, slots=True)
class Estate:
    """The services with their facts, where SaaS providers run, and the first runbook steps of each service.

    None means that it is not known, unlike empty.
    """

    seen: Sequence[Seen] = ()
    runs_on: RunsOn | None = None
    first_steps: Mapping[str, tuple[str, ...]] | None = None

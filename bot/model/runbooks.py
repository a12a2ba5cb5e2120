"""What is known of a runbook's page beside its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PageDetails:
    """When a page was last changed (UTC) and by whom, who owns it, and its links.

    `links`: those that were tried, `dead`: those of them that do not open, `untried`: how many more there are, and those of
    which nothing is known. `unread`: names of fields here that could not be read, each with the reason.
    """

    changed_at: datetime | None = None
    changed_by: str = ""
    owner: str = ""
    links: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    untried: int = 0
    unread: Mapping[str, str] = field(default_factory=dict)

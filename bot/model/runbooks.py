"""What is known of a runbook's page beside its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PageDetails:
    """When a page was last changed (UTC) and by whom, who owns it, and its links.

    `links`: those that were tried at `links_tried_at`, `dead`: those of them that do not open, `untried`: how many others there are.
    `unread`: `changed_at` or `text` (a part of it), each with the reason. `hosted_on`: the clouds that host its source, None where
    not known.
    """

    changed_at: datetime | None = None
    changed_by: str = ""
    owner: str = ""
    links: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    untried: int = 0
    unread: Mapping[str, str] = field(default_factory=dict)
    links_tried_at: datetime | None = None
    hosted_on: tuple[str, ...] | None = None

"""A ticket of a failed finding, as the ledger keeps it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TicketState(StrEnum):
    """Where a ticket is. `CREATING`: it may be in the tracker already, which has to be asked before it is created.

    `DISMISSED`: a person closed it as something that will not be done, so it is not opened again.
    """

    CREATING = "creating"
    OPEN = "open"
    CLOSED = "closed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class KeptTicket:
    """The ticket of one failing check of one service. Times are UTC.

    `key` is also in the ticket itself; `number` is what people call it (`OPS-12`, `#12`), `content` a hash of what was last
    written to it, `due_on` a day (`2026-12-24`) or empty, `note` why it is as it is.
    """

    key: str
    tracker: str
    service: str
    check: str
    state: TicketState
    created_at: datetime
    updated_at: datetime
    number: str = ""
    url: str = ""
    content: str = ""
    due_on: str = ""
    note: str = ""

"""A message of the outbox that one sender holds, and how urgent messages are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.model import Message, Priority

BLOCKS_FOR_ROUNDS = 5
"""After this many failed rounds a message no longer blocks those behind it."""
RANKS = {Priority.ALERT: 0, Priority.REPLY: 1, Priority.REPORT: 2, Priority.LATER: 3}


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that only this sender may send until its lease expires.

    `tries`: sends begun so far by route, including those without a known result. `rounds`: times that every route failed.
    `due_at`: since when it may be sent. `outdated_by`: the message that supersedes it, so that it must not be sent.
    """

    seq: int
    owner: str
    message: Message
    routes: tuple[str, ...]
    rounds: int
    due_at: datetime
    tries: Mapping[str, int] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    outdated_by: str = ""

    @property
    def rank(self) -> int:
        """Its urgency, 0 for the most urgent."""
        return RANKS[self.message.priority]

    @property
    def refused_by_all(self) -> bool:
        """Whether each of its routes has refused it in an earlier round."""
        return refused_by_all(self.routes, self.refused)


def refused_by_all(routes: Iterable[str], refused: Iterable[str]) -> bool:
    """Whether each of these routes has refused. A message without routes is refused by none."""
    names = set(routes)
    return bool(names) and names <= set(refused)

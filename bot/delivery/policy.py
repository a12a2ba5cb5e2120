"""Times and limits of delivery, in one place."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How long delivery waits and how much it does at once.

    `lease`: another sender takes a message over this long after the last renewal; with `idle` on top, within 30 s of a
    sender's death. `send`: time limit of one attempt where another route follows, so that an alert goes out by that route
    within 10 s; `send_last`: the same for the last route. `short_wait`: a Retry-After up to this is waited for, at most
    `waits` times a round; a longer one means the next route. `backoff` doubles with every round up to `longest_backoff`.
    `keep_refused`: how long after it was made a message that every route refuses is still tried now and then, where it does
    not expire before. `idle`: how often to poll for messages that another process posted. `finish`: how long sends in flight get at a stop.
    `every`: time between two messages on one route. `at_once`: concurrent sends to one platform; `per_route`: the
    same by one route; `ahead`: messages that are claimed and wait for their turn, and as many alerts again.
    """

    lease: timedelta = timedelta(seconds=20)
    send: timedelta = timedelta(seconds=8)
    send_last: timedelta = timedelta(seconds=25)
    short_wait: timedelta = timedelta(seconds=5)
    waits: int = 2
    backoff: timedelta = timedelta(seconds=2)
    longest_backoff: timedelta = timedelta(minutes=5)
    keep_refused: timedelta = timedelta(days=1)
    idle: timedelta = timedelta(seconds=5)
    finish: timedelta = timedelta(seconds=5)
    every: timedelta = timedelta(seconds=1)
    at_once: int = 16
    per_route: int = 4
    ahead: int = 64

    def after_round(self, rounds: int, chance: float) -> timedelta:
        """How long to wait after the `rounds`th failed round (from 0); `chance` (0 to 1) spreads senders apart."""
        doubled: timedelta = self.backoff * float(1 << min(rounds, 20))
        return min(doubled, self.longest_backoff) * (0.5 + chance)

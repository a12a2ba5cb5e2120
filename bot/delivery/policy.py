"""The numbers of delivery, in one place."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How patient delivery is.

    `lease`: after this long without a sign of life another sender takes a message over; with `idle` on top, by when it
    is noticed, within 30 s of a sender's death. A sender that lives renews it: a slow send is not taken from it.
    `send`: one try takes at most so long where another route follows, so that an alert is out by that one within ten
    seconds of the first one's death; `send_last` where none does. `short_wait`: a Retry-After up to this is waited for,
    at most `waits` times a round; a longer one means the next route. `backoff` doubles with every round up to
    `longest_backoff`. `idle`: how often to look for messages that another process posted. `finish`: what is in flight
    at a stop gets this long. `at_once`: messages on the line to one platform; `ahead`: so many are claimed and wait for
    their turn, and so many alerts more.
    """

    lease: timedelta = timedelta(seconds=20)
    send: timedelta = timedelta(seconds=8)
    send_last: timedelta = timedelta(seconds=25)
    short_wait: timedelta = timedelta(seconds=5)
    waits: int = 2
    backoff: timedelta = timedelta(seconds=2)
    longest_backoff: timedelta = timedelta(minutes=5)
    idle: timedelta = timedelta(seconds=5)
    finish: timedelta = timedelta(seconds=5)
    every: timedelta = timedelta(seconds=1)
    at_once: int = 16
    ahead: int = 64

    def after_round(self, rounds: int, chance: float) -> timedelta:
        """How long to wait after the `rounds`th round (from 0) in vain; `chance` (0 to 1) spreads senders apart."""
        doubled: timedelta = self.backoff * float(1 << min(rounds, 20))
        return min(doubled, self.longest_backoff) * (0.5 + chance)

"""What the delivery attempts of one sender share, and the part of the ledger that they use."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.delivery.circuits import Circuits
from bot.delivery.concurrency import ConcurrencyLimiter
from bot.delivery.policy import DeliveryPolicy
from bot.delivery.problems import DeliveryProblems
from bot.delivery.rate_limit import RateLimiter
from bot.model import Clock, Message, Receipt, Route
from bot.storage.follow_ups import FollowUpState
from bot.storage.ledger import Claim, Ending
from bot.storage.superseded import TargetState

Sleep = Callable[[float], Awaitable[None]]
OnUndelivered = Callable[[Message, str], Awaitable[None]]


class AttemptLedger(Protocol):
    """The part of the ledger that one attempt works with (`bot.storage.outbox`)."""

    async def target_state(self, claim: Claim, now: datetime) -> TargetState:
        """What became of the message that the claimed one changes or belongs under."""
        ...

    async def begin_try(self, claim: Claim, route: str, now: datetime, lease: timedelta) -> int | None:
        """Record that a send begins. Its number on this route, from 1; None: the lease is lost."""
        ...

    async def add_receipt(self, claim: Claim, receipt: Receipt, *, not_begun: bool = False) -> None:
        """Write the receipt of a try after which the message is still pending."""
        ...

    async def follow_up_state(self, claim: Claim, route: str) -> FollowUpState:
        """Whether a route still has to be told what the claimed follow-up says."""
        ...

    async def settle(
        self,
        claim: Claim,
        ending: Ending,
        receipt: Receipt | None,
        now: datetime,
        edits: Mapping[str, bool] | None = None,
    ) -> bool:
        """Write the final state. False: another sender has taken over. `edits`: as in `bot.storage.outbox`."""
        ...

    async def put_back(self, claim: Claim, due_at: datetime, *, failed: bool = True, refused: bool = False) -> None:
        """Give the message back, to be claimed from `due_at` on. `refused`: by every route, so that it blocks no other."""
        ...


@dataclass(slots=True)
class DeliveryContext:
    """What every attempt works with. Circuit breakers and the rate limiter are shared by all messages of a sender."""

    ledger: AttemptLedger
    routes: Mapping[str, Route]
    policy: DeliveryPolicy
    clock: Clock
    sleep: Sleep
    chance: Callable[[], float]
    on_undelivered: OnUndelivered | None
    rate_limiter: RateLimiter
    circuits: Circuits = field(default_factory=Circuits)
    problems: DeliveryProblems = field(default_factory=DeliveryProblems)
    limiters: dict[str, ConcurrencyLimiter] = field(default_factory=dict)
    lanes: dict[str, ConcurrencyLimiter] = field(default_factory=dict)
    last_answers: dict[str, datetime] = field(default_factory=dict)
    """When each platform last answered a call, or failed to."""
    pinged_at: dict[str, datetime] = field(default_factory=dict)
    """When each platform was last pinged after a failed send."""
    pings: set[asyncio.Task[None]] = field(default_factory=set)
    """Pings after failed sends that are under way."""

    def lane(self, route: str) -> ConcurrencyLimiter:
        """The route's own concurrency limiter: a route that hangs leaves room for the others of its platform."""
        return self.lanes.setdefault(route, ConcurrencyLimiter(self.policy.per_route))

    def limiter(self, platform: str) -> ConcurrencyLimiter:
        """The platform's concurrency limiter, made at its first use."""
        return self.limiters.setdefault(platform, ConcurrencyLimiter(self.policy.at_once))

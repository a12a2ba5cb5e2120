"""Sends one message over its routes in order until one delivers it, all refuse it, or none is available for now."""

from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.delivery.bounded import bounded
from bot.delivery.concurrency import within
from bot.delivery.context import DeliveryContext
from bot.delivery.destinations import destinations_of, is_change
from bot.delivery.ending import write_ending
from bot.delivery.evidence import ask_platform
from bot.delivery.refused import report_refused, rest_of_refused
from bot.model import (
    Editable,
    Message,
    Priority,
    Purpose,
    Receipt,
    ReceiptOutcome,
    Refused,
    Result,
    Retry,
    Route,
    Sent,
    Threadable,
)
from bot.storage.follow_ups import follows
from bot.storage.ledger import Claim, Ending, OutdatedError

_log = structlog.get_logger(__name__)

_LONGEST_TARGET_WAIT = timedelta(seconds=30)
"""Longest wait before a change or a detail checks again whether its target was delivered."""
_SECOND_OPINION = 0.25
_RATE_LIMITED, _BUSY = "rate limited", "busy with earlier messages"


class LeaseLostError(Exception):
    """Another sender holds the lease of the message now."""


class DeliveryAttempt:
    """Sends one claimed message, once over all its routes."""

    def __init__(self, claim: Claim, context: DeliveryContext) -> None:
        self._claim = claim
        self._context = context
        self._refused = dict.fromkeys(claim.refused, "")
        self._doubtful = {name for name, number in claim.tries.items() if number}
        self._waits: list[timedelta] = []
        self._tried = False
        self._may_pass, self._is_last = False, True
        self._references: Mapping[str, str] = {}

    async def run(self) -> bool:
        """Try the routes in order.

        Returns:
            True: the message has reached a final state; False: it waits for another round.
        """
        try:
            names = await self._names()
            return await self._wait() if names is None else await self._through(names)
        except OutdatedError as outdated:
            receipt = self._receipt("", "superseded", f"superseded by {outdated.by}")
            await self._settle("superseded", receipt)
            return True
        except LeaseLostError:
            _log.warning("delivery_lease_lost", message=self._claim.message.id)
            return False

    async def _through(self, names: tuple[str, ...]) -> bool:
        """Try these routes; those that refused in an earlier round come last, since what made them refuse may be over."""
        earlier = self._refused.keys() & self._claim.refused
        wanted = (name for name in names if name in earlier or name not in self._refused)
        order = sorted(wanted, key=lambda name: name in earlier)
        for name in order:
            if await self._expired():
                return True
            self._is_last = name == order[-1]
            if name in earlier:
                del self._refused[name]
            if await self._route(name):
                return True
        if self._refused.keys() >= set(self._claim.routes):
            return await self._all_refused()
        await self._put_back()
        return False

    async def _wait(self) -> bool:
        """Put the message back until its target is delivered. It counts as a round, so that it cannot block others indefinitely."""
        context = self._context
        if not await self._expired():
            rest = context.policy.after_round(self._claim.rounds, context.chance())
            await context.ledger.put_back(self._claim, context.clock() + min(rest, _LONGEST_TARGET_WAIT), failed=True)
        return False

    async def _names(self) -> tuple[str, ...] | None:
        """The routes to try; a change or a detail goes only where its target was delivered. None: that is still pending."""
        if self._claim.outdated_by:
            raise OutdatedError(self._claim.outdated_by)
        found = await destinations_of(self._claim, self._context)
        self._refused |= found.refused
        self._references = found.references
        return found.names

    async def _route(self, name: str) -> bool:
        route = self._context.routes.get(name)
        if route is None:
            await self._refuse(name, "this route is no longer configured")
            return False
        began = self._context.clock()
        for again in range(self._context.policy.waits + 1):
            result = await self._try(route, began) if await self._may_go(route, began) else None
            if isinstance(result, Sent):
                await self._settle("sent", self._receipt(name, "sent", reference=result.reference))
                return True
            if isinstance(result, Refused):
                self._refused[name] = result.reason
                self._may_pass |= result.may_pass
                return False
            if result is None or not self._wait_for(route, result, last=again == self._context.policy.waits):
                return False
        return False

    async def _may_go(self, route: Route, began: datetime) -> bool:
        """Wait for the route's rate limit. False: the wait is too long or the circuit is open; a receipt says which."""
        context, now, rank = self._context, self._context.clock(), self._claim.rank
        paused = context.rate_limiter.paused_for(route.name, route.platform, now)
        if paused > context.policy.short_wait:
            return await self._skip(route, paused, _RATE_LIMITED)
        opened = context.circuits.time_left(route, now)
        if opened is not None:
            return await self._skip(route, opened[0], _circuit_open(opened[1]))
        patience = self._patience(began)
        wait = max(paused, context.rate_limiter.wait_for(route.name, route.platform, rank, now))
        if patience is not None and wait > patience:
            return await self._skip(route, wait, _RATE_LIMITED)
        wait = max(paused, context.rate_limiter.reserve(route.name, route.platform, rank, now))
        if wait > timedelta(0):
            await context.sleep(wait.total_seconds())
        return True

    def _patience(self, began: datetime) -> timedelta | None:
        """How much longer an alert waits for a route that it began to try then, where another one follows; None: as long as it takes."""
        if self._claim.message.priority is not Priority.ALERT or self._is_last:
            return None
        return max(self._context.policy.short_wait - (self._context.clock() - began), timedelta(0))

    async def _try(self, route: Route, began: datetime) -> Result | None:
        """Send once it is this message's turn. None: the circuit opened, or a rate limit came, while it waited."""
        context, limiter, rank = self._context, self._context.limiter(route.platform), self._claim.rank
        async with AsyncExitStack() as turn:
            if not await within(self._patience(began), turn, context.lane(route.name).turn(rank), limiter.turn(rank)):
                await self._skip(route, timedelta(0), _BUSY)
                return None
            paused = context.rate_limiter.paused_for(route.name, route.platform, context.clock())
            if paused > context.policy.short_wait:
                await self._skip(route, paused, _RATE_LIMITED)
                return None
            opened = context.circuits.acquire(route, context.clock())
            if opened is not None:
                await self._skip(route, opened[0], _circuit_open(opened[1]))
                return None
            probes = not context.circuits.is_closed(route)
            number = await context.ledger.begin_try(self._claim, route.name, context.clock(), context.policy.lease)
            if number is None:
                raise LeaseLostError
            async with limiter.line():
                if context.circuits.is_doubted(route):
                    # Sends already under way tell more in a moment; no more messages go to a platform that may hang.
                    await context.sleep(_SECOND_OPINION)
                if not (probes or context.circuits.is_closed(route)):
                    await self._skip(route, timedelta(0), _circuit_open(route.name), not_begun=True)
                    return None
                result = await self._send(route, number)
        if isinstance(result, Sent):
            return result
        # A first attempt that certainly failed is not counted, so that the next one need not look for a duplicate.
        certain = number == 1 and not (isinstance(result, Retry) and result.ambiguous)
        await self._note(route.name, result, not_begun=certain)
        return result

    async def _note(self, route: str, result: Retry | Refused, *, not_begun: bool) -> None:
        """Write the receipt of a failed try."""
        ambiguous = isinstance(result, Retry) and result.ambiguous
        if ambiguous:
            self._doubtful.add(route)
        doubt = "; it may have been delivered" if ambiguous else ""
        _log.warning("delivery_try_failed", message=self._claim.message.id, route=route, reason=result.reason + doubt)
        outcome: ReceiptOutcome = "retry" if isinstance(result, Retry) else "refused"
        # That a post was deleted by people, or takes no thread, says nothing against the route.
        outcome = "left_out" if outcome == "refused" and is_change(self._claim) else outcome
        receipt = self._receipt(route, outcome, result.reason + doubt)
        await self._context.ledger.add_receipt(self._claim, receipt, not_begun=not_begun)

    async def _skip(self, route: Route, wait: timedelta, why: str, *, not_begun: bool = False) -> bool:
        self._waits.append(wait)
        detail = f"{why}, retry in about {wait.total_seconds():.0f} s"
        await self._context.ledger.add_receipt(
            self._claim, self._receipt(route.name, "skipped", detail), not_begun=not_begun
        )
        return False

    async def _send(self, route: Route, number: int) -> Result:
        context, message = self._context, replace(self._claim.message, doubt=self._doubt(route.name))
        self._tried = True
        others = set(self._claim.routes) - self._refused.keys() - {route.name}
        limit = context.policy.send if others else context.policy.send_last
        result = await bounded(self._sending(route, message, number), route.name, limit)
        context.last_answers[route.platform] = context.clock()
        if not (isinstance(result, Refused) and is_change(self._claim)):
            context.problems.tried(route.name, result)
        if context.circuits.record(route, result, context.clock()) or isinstance(result, Refused):
            ask_platform(route, context)  # a refusal may be about the token
        return result

    def _doubt(self, route: str) -> str:
        """Another route that may have delivered it, in this round or an earlier one; empty where there is none."""
        return next((name for name in self._claim.routes if name != route and name in self._doubtful), "")

    def _sending(self, route: Route, message: Message, number: int) -> Awaitable[Result]:
        reference = self._references.get(route.name, "")
        if message.replaces and isinstance(route, Editable):
            return route.update(reference, message, number)
        if message.under and isinstance(route, Threadable):
            return route.send_under(reference, message, number)
        return route.send(message, number)

    def _wait_for(self, route: Route, result: Retry, *, last: bool) -> bool:
        """Decides what follows a failed try. True: the route asked for a short wait, so it is tried again."""
        wait = result.after
        if wait is None:
            self._waits.append(timedelta(0))
            return False
        now = self._context.clock()
        self._context.rate_limiter.pause(route.name, route.platform, now + wait, now)
        if wait > self._context.policy.short_wait or last:
            self._waits.append(wait)
            return False
        return True  # `_may_go` waits until the rate limit is over

    async def _refuse(self, name: str, reason: str) -> None:
        self._refused[name] = reason
        await self._context.ledger.add_receipt(self._claim, self._receipt(name, "refused", reason))

    async def _expired(self) -> bool:
        expires = self._claim.message.expires_at
        if expires is None or self._context.clock() < expires:
            return False
        await self._settle("expired", self._receipt("", "expired", f"expired at {expires:%Y-%m-%d %H:%M} UTC"))
        return True

    async def _all_refused(self) -> bool:
        """Keep the message, to be tried now and then, or give it up. True: it has reached a final state."""
        claim, context = self._claim, self._context
        why = "; ".join(f"{route}: {reason}" for route, reason in self._refused.items()) or "the audience has no routes"
        changes = is_change(self._claim) or (claim.message.purpose is Purpose.FOLLOW_UP and not self._tried)
        if changes and not self._may_pass:
            return await self._leave_out()  # the message itself was delivered
        rest = rest_of_refused(claim, context)
        if rest is None:
            await self._settle("failed", None)
            _log.error("delivery_failed", message=claim.message.id, audience=claim.message.audience, why=why)
        else:
            await context.ledger.put_back(claim, context.clock() + rest, refused=True)
        if not changes and not claim.refused_by_all:
            await report_refused(claim, why, context)
        return rest is None

    async def _leave_out(self) -> bool:
        about = self._claim.message.replaces or self._claim.message.under
        why = "; ".join(dict.fromkeys(reason for reason in self._refused.values() if reason))
        await self._settle("left_out", self._receipt("", "left_out", why or f"{about} was not delivered"))
        return True

    async def _settle(self, ending: Ending, receipt: Receipt | None) -> None:
        await write_ending(self._claim, ending, receipt, self._edits(), self._context)

    def _edits(self) -> dict[str, bool]:
        """The routes that may have to be told the end of the alert too -> whether they edit their messages."""
        if not follows(self._claim.message):
            return {}
        routes = self._context.routes
        refused = () if self._claim.message.replaces else self._refused
        return {name: isinstance(route, Editable) for name, route in routes.items() if name not in refused}

    async def _put_back(self) -> None:
        context = self._context
        rest = context.policy.after_round(self._claim.rounds, context.chance())
        soonest = min(self._waits, default=timedelta(0))
        await context.ledger.put_back(self._claim, context.clock() + max(rest, soonest), failed=self._tried)

    def _receipt(self, route: str, outcome: ReceiptOutcome, detail: str = "", reference: str = "") -> Receipt:
        message = self._claim.message
        return Receipt(message.id, message.audience, route, outcome, self._context.clock(), detail, reference)


def _circuit_open(what: str) -> str:
    return f"circuit breaker open for {what}"

"""Sends one message over its routes in order until one delivers it, all refuse it, or none is available for now."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.delivery.context import DeliveryContext
from bot.model import (
    Editable,
    Message,
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
from bot.storage.ledger import Claim, Ending, LedgerError, OutdatedError

_log = structlog.get_logger(__name__)

_SETTLE_TRIES = 8
"""Retries of the last write, nearly 30 s in all: a database that fails over is away for about 10 s."""

_LONGEST_TARGET_WAIT = timedelta(seconds=30)
"""Longest wait before a change or a detail checks again whether its target was delivered."""
_SECOND_OPINION = 0.25
_RATE_LIMITED = "rate limited"


class LeaseLostError(Exception):
    """Another sender holds the lease of the message now."""


class DeliveryAttempt:
    """Sends one claimed message, once over all its routes."""

    def __init__(self, claim: Claim, context: DeliveryContext) -> None:
        self._claim = claim
        self._context = context
        self._refused = dict.fromkeys(claim.refused, "refused in an earlier round")
        self._doubtful = {name for name, number in claim.tries.items() if number}
        self._waits: list[timedelta] = []
        self._tried = False
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
        for name in names:
            if name not in self._refused and (await self._expired() or await self._route(name)):
                return True
        if self._refused.keys() >= set(self._claim.routes):
            return await self._give_up()
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
        message, names = self._claim.message, self._claim.routes
        if self._claim.outdated_by:
            raise OutdatedError(self._claim.outdated_by)
        if message.purpose is Purpose.FOLLOW_UP:
            return await self._follow_up_names()
        if not (message.replaces or message.under):
            return names
        target = await self._context.ledger.target_state(self._claim, self._context.clock())
        if target.state == "pending":
            return None
        self._references = target.references
        kind, lacks = (Editable, "cannot edit messages") if message.replaces else (Threadable, "has no threads")
        for name in names:
            if name not in target.references:
                self._refused[name] = ""
            elif not isinstance(self._context.routes.get(name), kind):
                self._refused[name] = f"{name} {lacks}"
        return tuple(name for name in names if name not in self._refused)

    async def _follow_up_names(self) -> tuple[str, ...] | None:
        """The route of a follow-up, if it still has anything to tell there. None: the beginning is still pending."""
        (name,) = self._claim.routes
        state = await self._context.ledger.follow_up_state(self._claim, name)
        if state == "pending":
            return None
        if state == "needless":
            self._refused[name] = f"nothing is open on {name}"
        return (name,)

    async def _route(self, name: str) -> bool:
        route = self._context.routes.get(name)
        if route is None:
            await self._refuse(name, "this route is no longer configured")
            return False
        for again in range(self._context.policy.waits + 1):
            result = await self._try(route) if await self._may_go(route) else None
            if isinstance(result, Sent):
                await self._settle("sent", self._receipt(name, "sent", reference=result.reference))
                return True
            if isinstance(result, Refused):
                self._refused[name] = result.reason
                return False
            if result is None or not self._wait_for(route, result, last=again == self._context.policy.waits):
                return False
        return False

    async def _may_go(self, route: Route) -> bool:
        """Wait for the route's rate limit. False: the wait is too long or the circuit is open; a receipt says which."""
        context, now = self._context, self._context.clock()
        paused = context.rate_limiter.paused_for(route.name, route.platform, now)
        if paused > context.policy.short_wait:
            return await self._skip(route, paused, _RATE_LIMITED)
        open_for = context.breaker(route.platform).time_left(now)
        if open_for is not None:
            return await self._skip(route, open_for, _circuit_open(route))
        wait = max(paused, context.rate_limiter.reserve(route.name, route.platform, self._claim.rank, now))
        if wait > timedelta(0):
            await context.sleep(wait.total_seconds())
        return True

    async def _try(self, route: Route) -> Result | None:
        """Send once it is this message's turn. None: the circuit opened, or a rate limit came, while it waited."""
        context, limiter = self._context, self._context.limiter(route.platform)
        async with limiter.turn(self._claim.rank):
            if context.rate_limiter.paused_for(route.name, route.platform, context.clock()) > context.policy.short_wait:
                await self._skip(
                    route, context.rate_limiter.paused_for(route.name, route.platform, context.clock()), _RATE_LIMITED
                )
                return None
            breaker = context.breaker(route.platform)
            open_for = breaker.acquire(context.clock())
            if open_for is not None:
                await self._skip(route, open_for, _circuit_open(route))
                return None
            probes = not breaker.closed
            number = await context.ledger.begin_try(self._claim, route.name, context.clock(), context.policy.lease)
            if number is None:
                raise LeaseLostError
            async with limiter.line():
                if breaker.doubted:
                    # Sends already under way tell more in a moment; no more messages go to a platform that may hang.
                    await context.sleep(_SECOND_OPINION)
                if not (breaker.closed or probes):
                    await self._skip(route, timedelta(0), _circuit_open(route), not_begun=True)
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
        receipt = self._receipt(route, "retry" if isinstance(result, Retry) else "refused", result.reason + doubt)
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
        breaker = context.breaker(route.platform)
        context.last_answers[route.platform] = context.clock()
        if isinstance(result, Retry) and result.after is None:
            breaker.failed(context.clock())
        else:
            breaker.succeeded()  # a refusal and a request to slow down are answers too
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

    async def _give_up(self) -> bool:
        message = self._claim.message
        if message.replaces or message.under or (message.purpose is Purpose.FOLLOW_UP and not self._tried):
            return await self._leave_out()  # the message itself was delivered
        why = "; ".join(f"{route}: {reason}" for route, reason in self._refused.items()) or "the audience has no routes"
        await self._settle("failed", None)
        _log.error("delivery_failed", message=self._claim.message.id, audience=self._claim.message.audience, why=why)
        if self._context.on_undelivered is not None:
            try:
                await self._context.on_undelivered(self._claim.message, why)
            except Exception as error:  # noqa: BLE001 - the receipts are the record, this only reports
                _log.warning(
                    "delivery_failure_not_reported", message=self._claim.message.id, error=type(error).__name__
                )
        return True

    async def _leave_out(self) -> bool:
        about = self._claim.message.replaces or self._claim.message.under
        why = "; ".join(dict.fromkeys(reason for reason in self._refused.values() if reason))
        await self._settle("left_out", self._receipt("", "left_out", why or f"{about} was not delivered"))
        return True

    async def _settle(self, ending: Ending, receipt: Receipt | None) -> None:
        """Write the final state. A delivered message must not be sent again, so a busy ledger is tried again."""
        for attempt in range(1, _SETTLE_TRIES + 1):
            try:
                await self._context.ledger.settle(self._claim, ending, receipt, self._context.clock(), self._edits())
            except LedgerError:
                if attempt == _SETTLE_TRIES:
                    raise
                await self._context.sleep(attempt)
            else:
                return

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


async def bounded(sending: Awaitable[Result], route: str, limit: timedelta) -> Result:
    """The result of a send that may hang or raise: a timeout or an exception becomes an ambiguous `Retry`."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            return await sending
    except TimeoutError:
        return Retry(f"no answer within {limit.total_seconds():g} s", ambiguous=True)
    except Exception as error:  # noqa: BLE001 - a route that breaks must not take the message down with it
        # The error's text may contain an address that is a secret.
        _log.error("delivery_route_failed", route=route, error=type(error).__name__)
        return Retry(f"internal error in the route ({type(error).__name__})", ambiguous=True)


def _circuit_open(route: Route) -> str:
    return f"circuit breaker open for {route.platform}"

"""By which routes a claimed message may go: one that changes another, or belongs under it, only where that was delivered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.delivery.context import DeliveryContext
from bot.model import Editable, PartlyThreadable, Purpose, Threadable
from bot.storage.ledger import Claim


@dataclass(frozen=True, slots=True)
class Destinations:
    """`names`: the routes to try; None: what it changes is still pending. `refused`: other routes -> why not by them.

    `references`: route -> what identifies the delivered message there.
    """

    names: tuple[str, ...] | None
    refused: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)


def is_change(claim: Claim) -> bool:
    """Whether it edits an earlier message, or belongs into its thread."""
    return bool(claim.message.replaces or claim.message.under)


async def destinations_of(claim: Claim, context: DeliveryContext) -> Destinations:
    """Find out where a message may go."""
    if claim.message.purpose is Purpose.FOLLOW_UP:
        return await _of_follow_up(claim, context)
    if not is_change(claim):
        return Destinations(claim.routes)
    target = await context.ledger.target_state(claim, context.clock())
    if target.state == "pending":
        return Destinations(None)
    refused = {}
    for name in claim.routes:
        why = await _why_not(name, claim, target.references, context)
        if why is not None:
            refused[name] = why
    names = tuple(name for name in claim.routes if name not in refused)
    return Destinations(names, refused, target.references)


async def _why_not(name: str, claim: Claim, references: Mapping[str, str], context: DeliveryContext) -> str | None:
    """Why a route cannot change the message or add to it; empty where it never delivered it."""
    if name not in references:
        return ""
    route = context.routes.get(name)
    if claim.message.replaces:
        return None if isinstance(route, Editable) else f"{name} cannot edit messages"
    if not isinstance(route, Threadable):
        return f"{name} has no threads"
    # A route's own message may have none: a Teams chat has no threads.
    threaded = not isinstance(route, PartlyThreadable) or await route.has_thread(references[name])
    return None if threaded else f"{name} has no threads there"


async def _of_follow_up(claim: Claim, context: DeliveryContext) -> Destinations:
    """The route of a follow-up, if it still has anything to tell there."""
    (name,) = claim.routes
    state = await context.ledger.follow_up_state(claim, name)
    if state == "pending":
        return Destinations(None)
    return Destinations((name,), {name: f"nothing is open on {name}"} if state == "needless" else {})

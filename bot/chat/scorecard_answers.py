"""Builds the scorecard of a service or of the estate, with its history, as an answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.cards.card import Card, Paragraph
from bot.cards.messages.error_budget import live_lines
from bot.cards.messages.findings import details_card
from bot.cards.messages.regions_read import regions_of
from bot.cards.messages.scorecard import estate_card, estate_page, service_card
from bot.model import Audit
from bot.model.backend import Backend
from checks import PastScore, ServiceScore, trend

# Twelve weeks for the chart, and one more for the trend at its left end.
HISTORY = timedelta(weeks=13)


def score_of(audit: Audit, name: str) -> ServiceScore | None:
    """The service's score in this audit, None where it was not audited."""
    return next((score for score in audit.scorecard.services if score.service.name == name), None)


async def service_answer(
    score: ServiceScore, audit: Audit, backend: Backend, *, now: datetime, page: int | None
) -> Card:
    """A service's scorecard, or a page of its findings."""
    read_at = audit.scorecard.generated_at
    history = await backend.audits.history(score.service.name, now - HISTORY)
    change = trend(score, history, now=now)
    if page is not None and page > 1:
        return details_card(score, page=page, now=now, read_at=read_at, trend=change, history=history)
    live = await _live(backend, score.service.name, now)
    return service_card(score, now=now, read_at=read_at, trend=change, history=history, live=live)


async def estate_answer(audit: Audit, backend: Backend, *, now: datetime, page: int | None) -> Card:
    """The estate's scorecard, or a page of its services."""
    card, name = audit.scorecard, backend.audits.organisation or "Your estate"
    history: Sequence[PastScore] = await backend.audits.history("", now - HISTORY)
    change, gaps = trend(card, history, now=now), audit.collected.gaps
    read = regions_of(audit)
    if page is not None and page > 1:
        return estate_page(
            card, organisation=name, now=now, page=page, trend=change, history=history, gaps=gaps, regions=read
        )
    live = await _live(backend, "", now)
    return estate_card(
        card, organisation=name, now=now, trend=change, history=history, gaps=gaps, regions=read, live=live
    )


async def _live(backend: Backend, service: str, now: datetime) -> Sequence[Paragraph]:
    """How the objectives of a service, or of all, stand by their last readings."""
    states = await backend.slos.states(service) if backend.slos else ()
    return tuple(live_lines(states, now, named=not service))

"""The concentration of an audited estate, and what outages are expected to cost it in a year."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.catalogue import Catalogue
from bot.catalogue.outage_history import check_costs, outage_history, roles
from bot.model.risk import Risk
from checks import Anchor, AnchorKind, Effort, Scorecard, Seen, SingleChange, concentration, yearly_hours, yearly_losses


def risk_of(  # noqa: PLR0913 - the audit, the catalogue, and what the page says beside them
    card: Scorecard,
    seen: Sequence[Seen],
    catalogue: Catalogue,
    *,
    now: datetime,
    chain_head: str = "",
    notes: Sequence[str] = (),
) -> Risk:
    """The risk by the facts of an audit. Takes up to a second of CPU for a large estate: call it in a thread."""
    found = concentration(seen, roles(catalogue.runs_on), now=now)
    findings = (finding for scored in card.services for finding in scored.findings)
    services = [known.service for known in seen]
    history = outage_history()
    losses = yearly_losses(findings, check_costs().of, history, found, services)
    made = Risk(card, found, losses, history.source, chain_head, tuple(notes))
    if found.best is None or found.best.change is None:
        return made
    provider = found.best.anchor.scope.provider
    return replace(made, effort=_effort(found.best.change, found.best.anchor), hours=yearly_hours(provider, history))


def _effort(change: SingleChange, anchor: Anchor) -> Effort:
    """As the check takes that asks for such a change."""
    if change.on:
        return check_costs().own["PR01"].effort
    if change.untested:
        return check_costs().families["rehearsal"].effort
    return check_costs().own["PR02" if anchor.kind is AnchorKind.PROVIDER else "RG01"].effort

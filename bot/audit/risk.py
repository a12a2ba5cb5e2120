"""The concentration of an audited estate, and what outages are expected to cost it in a year."""

from collections.abc import Sequence
from datetime import datetime

from bot.audit.service import AuditSnapshot
from bot.catalogue import Catalogue
from bot.catalogue.outage_history import check_costs, outage_history, roles
from bot.model.risk import Risk
from checks import concentration, yearly_losses


def risk_of(
    last: AuditSnapshot, catalogue: Catalogue, *, now: datetime, chain_head: str = "", notes: Sequence[str] = ()
) -> Risk:
    """The risk by the facts of an audit. Takes some seconds of CPU for a large estate: call it in a thread."""
    card = last.audit.scorecard
    found = concentration(last.seen, roles(catalogue.runs_on), now=now)
    findings = (finding for scored in card.services for finding in scored.findings)
    services = [seen.service for seen in last.seen]
    history = outage_history()
    losses = yearly_losses(findings, check_costs().of, history, found, services)
    return Risk(card, found, losses, history.source, chain_head, tuple(notes))

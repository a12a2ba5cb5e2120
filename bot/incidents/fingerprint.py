"""Recognises whether a message about an incident still says what is known."""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.model.incidents import Incident, Phase, Response

_FIGURES = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class MessageFingerprint:
    """The content of a message and of its thread, and when it last changed. Times and latencies are left out."""

    alert: str
    detail: str
    response: Response
    at: datetime


def fingerprint_of(incident: Incident, now: datetime) -> MessageFingerprint:
    """The parts of an incident whose change is worth an update of its messages. `now`: UTC."""
    statements = [(word.provider, word.open, word.title, word.progress) for word in incident.words]
    affected = [(service.service, service.fate, service.first_steps) for service in incident.affected]
    alert = repr(
        (
            incident.phase,
            incident.wave,
            incident.flapping,
            incident.severity,
            incident.outage,
            incident.title,
            statements,
            affected,
            incident.handling,
            _without_figures(incident.symptoms),
            incident.seen_from,
            incident.not_seen_from,
            incident.announced,
            incident.old,
            incident.quiet_since if incident.phase is Phase.MONITORING else None,
        )
    )
    updates = [update.text for word in incident.words for update in word.updates[:1]]
    evidence = _without_figures(incident.evidence)
    detail = repr((alert, incident.scopes, incident.parts, incident.cause, evidence, incident.timeline, updates))
    return MessageFingerprint(alert, detail, incident.handling, now)


def _without_figures(lines: tuple[str, ...]) -> list[str]:
    return sorted({_FIGURES.sub("#", line) for line in lines})

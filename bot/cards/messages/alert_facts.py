"""The named facts of an incident: all of them for its own card, and those for which an alert has room."""

from collections.abc import Iterable

from bot.cards.card import Pairs, Span, Text, text
from bot.cards.messages.incident_parts import at_risk, owner
from bot.cards.messages.outage_words import is_past, state_of
from bot.cards.messages.sightings import (
    announced,
    lead_words,
    provider_report,
    recovering,
    seen,
    severity_of,
    started,
    told,
)
from bot.cards.sanitise import brief, cut, isolated, secure
from bot.cards.wording import listed, word_count
from bot.model.incidents import Incident, OutageState, Phase

_NAME, _SYMPTOM, _WHAT, _PERSON = 80, 120, 2, 3
_SYMPTOM_WORDS, _WHAT_WORDS, _REPORT_WORDS = 10, 5, 5
Pair = tuple[str, Text]


def facts(incident: Incident, currency: str) -> Pairs:
    """State, what we see, owner, start, the provider's status page, maintenance beside it, revenue at risk."""
    pairs: list[Pair] = [("State", state_of(incident))]
    if incident.phase is Phase.MONITORING:
        pairs.append(("Recovering", recovering(incident)))
    pairs += [
        *seen(incident),
        ("Owner", owner(incident)),
        ("Incident", text(Span(incident.id, "code"))),
        ("Started", started(incident)),
        *provider_report(incident),
        *announced(incident),
        *at_risk(incident, currency),
    ]
    return Pairs(tuple(pairs))


def alert_pairs(incident: Incident, currency: str, *, room: int) -> Pairs:
    """What fails now, what monitoring reports, owner, revenue at risk and id; of the rest what `room` words are enough for."""
    pairs = _always(incident, currency)
    room -= _words(pairs)
    rest = [pair for pair in seen(incident) if pair[0] == "Seen from"]
    rest += [*announced(incident), *_owner_since(incident)]
    rest += _report(incident) if incident.outage is not OutageState.REPORTED else []
    rest += [("Started", _start(incident)), *_ended(incident), *_muted(incident)]
    for pair in rest:
        if (needed := _words([pair])) <= room:
            pairs.insert(-1, pair)
            room -= needed
    return Pairs(tuple(pairs))


def least_words(incident: Incident, currency: str) -> int:
    """The words of the facts that no alert is without."""
    return _words(_always(incident, currency))


def _always(incident: Incident, currency: str) -> list[Pair]:
    pairs: list[Pair] = [*_failing(incident), *_monitoring(incident)]
    if incident.phase is Phase.MONITORING:
        pairs.append(("Recovering", recovering(incident, briefly=True)))
    pairs += [("Owner", _owner(incident)), *at_risk(incident, currency)] if incident.open else []
    return [*pairs, ("Incident", text(Span(incident.id, "code")))]


def _words(pairs: Iterable[Pair]) -> int:
    return sum(len(name.split()) + word_count(value) for name, value in pairs)


def _failing(incident: Incident) -> list[Pair]:
    """`Failing now` `down: DynamoDB, us-east-1`."""
    surely = incident.phase is Phase.CONFIRMED and incident.outage is not OutageState.REPORTED and not incident.ours
    scopes = [str(scope) for scope in incident.failing or incident.scopes]
    what = (
        ""
        if incident.ours
        else brief(listed([cut(part, _NAME) for part in incident.parts] or scopes, _WHAT), _WHAT_WORDS)
    )
    return [("Failing now" if surely else "State", text(*state_of(incident), f": {what}" if what else ""))]


def _monitoring(incident: Incident) -> list[Pair]:
    """What our monitoring reports, with a link to it; what the provider reports where nobody else does."""
    if incident.ours:
        return []
    reported = _report(incident) if incident.outage is OutageState.REPORTED else []
    if reported and incident.phase is Phase.MONITORING:
        return reported  # that our probes succeed is said beside when it closes
    said = next(iter((*incident.symptoms, *(() if reported else incident.evidence))), "")
    if not said:
        return [*(pair for pair in seen(incident) if pair[0] != "Seen from"), *reported]
    link = next((url for url in incident.links if secure(url)), "")
    value = text(Span(brief(cut(told(incident, said), _SYMPTOM), _SYMPTOM_WORDS), link=link))
    return [("We saw" if is_past(incident) else "We see", value), *reported]


def _report(incident: Incident) -> list[Pair]:
    """The first report of a provider, and how long before or after our alert it came."""
    if not incident.words or incident.ours:
        return []
    first = min(incident.words, key=lambda statement: statement.since)
    said = f"“{brief(cut(first.title, _SYMPTOM), _REPORT_WORDS)}”" if first.title else "no details"
    after = lead_words(incident) if incident.outage is not OutageState.REPORTED and not incident.old else ""
    value = text(severity_of(first), " ", Span(said, link=first.url), f", {after}" if after else "")
    return [("Provider status page", value)]


def _owner(incident: Incident) -> Text:
    response = incident.handling
    names = [response.assigned_to] if response.assigned_to else []
    said = [brief(isolated(cut(name, _NAME)), _PERSON) for name in names]
    if response.acknowledged_by:
        said.append(f"acknowledged by {brief(isolated(cut(response.acknowledged_by, _NAME)), _PERSON)}")
    return text(", ".join(said)) if said else owner(incident)


def _start(incident: Incident) -> Text:
    return started(incident) if incident.old else text(Span(at=incident.started_at))


def _ended(incident: Incident) -> list[Pair]:
    return [("Ended", text(Span(at=incident.ended_at)))] if incident.ended_at is not None else []


def _owner_since(incident: Incident) -> list[Pair]:
    at = incident.handling.acknowledged_at
    return [("Owner since", text(Span(at=at)))] if at is not None and incident.open else []


def _muted(incident: Incident) -> list[Pair]:
    until = incident.handling.muted_until
    return [("Muted until", text(Span(at=until)))] if until is not None and incident.open else []

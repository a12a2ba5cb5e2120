"""What is known of an outage and from whom: its start, what we see ourselves, and what the provider reports."""

from bot.cards.card import Block, Heading, Items, Paragraph, Span, Text, text
from bot.cards.messages.incident_parts import SEVERITIES, STATES
from bot.cards.messages.outage_words import is_past
from bot.cards.sanitise import cut, secure
from bot.cards.wording import count, duration, listed
from bot.catalogue.product_names import provider_name
from bot.model import IncidentUpdate
from bot.model.incidents import Incident, OutageState, ProviderStatement

REPORTS, UPDATES = 6, 3
_LINE, _TITLE, _SYMPTOMS, _PARTS = 240, 120, 3, 4


def started(incident: Incident) -> Text:
    """When it started by the provider's own time, when we saw it, or how long after its start we had confirmed it."""
    if incident.old:
        verb = "open" if incident.open else "was open"
        return text(f"{verb} since ", Span(at=incident.started_at, day=True), ", before backstay started watching")
    if incident.onset_at > incident.started_at:
        saw = "; we saw it at "
        return text(Span(at=incident.started_at), " by its status page", saw, Span(at=incident.onset_at))
    after = incident.detected_after
    return text(Span(at=incident.onset_at), f" (detected after {duration(after)})" if after is not None else "")


def seen(incident: Incident) -> list[tuple[str, Text]]:
    """What our own probes see, and from where: `api.stripe.com: HTTP 503 in 4 of 4 probes`."""
    if incident.ours:
        return []
    name = "We saw" if is_past(incident) else "We see"
    pairs: list[tuple[str, Text]] = []
    if incident.symptoms:
        shown = "; ".join(cut(told(incident, symptom), _LINE) for symptom in incident.symptoms[:_SYMPTOMS])
        more = len(incident.symptoms) - _SYMPTOMS
        link = next((url for url in incident.links if secure(url)), "")
        opens = (" (", Span("open the alert", link=link), ")") if link else ()
        pairs.append((name, text(shown, f"; and {more} more" if more > 0 else "", *opens)))
    elif incident.outage is OutageState.REPORTED:
        none = "our own probes succeed" if incident.watched else "nothing: no probe of ours covers it"
        pairs.append((name, text("our own probes succeeded" if incident.watched and is_past(incident) else none)))
    if incident.not_seen_from:
        others = f"; not from {listed(incident.not_seen_from)}"
        pairs.append(("Seen from", text(listed(incident.seen_from) or "nowhere now", others)))
    return pairs


def told(incident: Incident, symptom: str) -> str:
    """A symptom in the tense of its card: `our probes of stripe succeeded`."""
    return f"{symptom}ed" if is_past(incident) and symptom.endswith(" succeed") else symptom


def announced(incident: Incident) -> list[tuple[str, Text]]:
    """Maintenance that is on beside it."""
    if not incident.announced:
        return []
    titles = listed([f"“{cut(title, _TITLE)}”" for title in incident.announced])
    return [("Maintenance", text(titles, f" {'was' if is_past(incident) else 'is'} on, and does not explain it"))]


def recovering(incident: Incident, *, briefly: bool = False) -> Text:
    """Since when nothing fails any more, and when it closes if that lasts. `briefly`: without the first of the two times."""
    if incident.quiet_since is None:
        return text("a problem was reported again, not confirmed yet")
    what = "probes succeed" if incident.watched else "no problem reported"
    since = () if briefly else (" since ", Span(at=incident.quiet_since))
    closes = (", closing at ", Span(at=incident.closes_at)) if incident.closes_at is not None else ()
    still = any(statement.open for statement in incident.words)
    return text(what, *since, *closes, "; the status page still reports it" if still else "")


def quoted_reports(incident: Incident) -> str:
    """`Stripe reports: “Increased error rates”.`, the first and worst of them; empty where no provider has reported it."""
    statements = sorted(incident.words, key=lambda statement: (not statement.open, statement.since))
    if not statements:
        return ""
    first, verb = statements[0], "reported" if is_past(incident) else "reports"
    said = f"“{cut(first.title, _TITLE)}”" if first.title else "an incident without details"
    others = len({statement.provider for statement in statements}) - 1
    tail = f", and {count(others, 'other provider')} too" if others else ""
    return f"{provider_name(first.provider)} {verb}: {said}{tail}."


def provider_report(incident: Incident) -> list[tuple[str, Text]]:
    """The first report of a provider, how long before or after our alert it came, and the newest update."""
    if incident.ours:
        return []
    if not incident.words:
        none = Span("no incident reported yet" if incident.open else "no incident reported", "unclear")
        return [("Provider status page", text(none))]
    first = min(incident.words, key=lambda statement: statement.since)
    spans: list[str | Span] = [severity_of(first), " ", _quoted(first)]
    if incident.lead is not None and not incident.old:
        spans.append(f", {lead_words(incident)}")
    spans.append(_progress(first))
    pairs = [("Provider status page", text(*spans))]
    newest = _newest_update(incident)
    if newest is not None and newest.text and incident.open:
        pairs.append(("Latest update", _update(newest)))
    return pairs


def severity_of(statement: ProviderStatement) -> Span:
    """The severity that a provider reports; that it is resolved there, once it is."""
    return SEVERITIES[statement.severity] if statement.open else Span("resolved", "good")


def lead_words(incident: Incident) -> str:
    """`12 min after our alert`; empty where the provider has reported nothing."""
    lead = incident.lead
    if lead is None or incident.ours:
        return ""
    length = duration(abs(lead))
    if abs(lead.total_seconds()) < 60:
        return "within a minute of our alert"
    return f"{length} after our alert" if lead.total_seconds() > 0 else f"{length} before our alert"


def provider_reports(incident: Incident) -> list[Block]:
    """What the providers' status pages report about it, with their last updates."""
    if incident.ours:
        return []
    if not incident.words:
        return [Paragraph(text("No provider has reported it yet."))] if incident.open else []
    first = sorted(incident.words, key=lambda statement: statement.since)
    lines = tuple(_report(statement) for statement in first[:REPORTS])
    blocks: list[Block] = [Heading("Provider status pages"), Items(lines, left_out=max(0, len(first) - REPORTS))]
    updates = [(statement.provider, update) for statement in first for update in statement.updates if update.text]
    updates.sort(key=lambda pair: pair[1].at.timestamp() if pair[1].at else 0, reverse=True)
    if updates:
        several = len({provider for provider, _ in updates}) > 1
        shown = tuple(
            text(f"{provider_name(provider)}, " if several else "", *_update(update))
            for provider, update in updates[:UPDATES]
        )
        blocks += [Heading("Updates, newest first"), Items(shown, left_out=max(0, len(updates) - UPDATES))]
    return blocks


def _report(statement: ProviderStatement) -> Text:
    spans: list[str | Span] = [f"{provider_name(statement.provider)}: ", severity_of(statement), ", "]
    spans.append(_quoted(statement))
    if statement.parts:
        spans.append(f", {listed(statement.parts, _PARTS)}")
    if statement.began is not None:
        spans += [", started ", Span(at=statement.began)]
    return text(*spans, ", read since ", Span(at=statement.since), _progress(statement))


def _quoted(statement: ProviderStatement) -> Span:
    return Span(f"“{cut(statement.title, _TITLE)}”" if statement.title else "no details", link=statement.url)


def _progress(statement: ProviderStatement) -> str:
    if not statement.open:
        return ""
    return f", {STATES[statement.progress]}" if statement.progress is not None else ""


def _newest_update(incident: Incident) -> IncidentUpdate | None:
    updates = [update for statement in incident.words for update in statement.updates]
    return max(updates, key=lambda update: update.at.timestamp() if update.at else 0, default=None)


def _update(update: IncidentUpdate) -> Text:
    when: tuple[str | Span, ...] = (Span(at=update.at), ", ") if update.at is not None else ()
    state = f"{STATES[update.state]}: " if update.state is not None else ""
    return text(*when, f"{state}{cut(update.text, _LINE)}")

"""The digest of an audience: incidents since the last one, which of them affected its services, scheduled maintenance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, Tone, text
from bot.cards.messages.incident_parts import provider_line, tone_of
from bot.cards.messages.open_incidents import hit, open_data, open_words, sorted_open, unmerged
from bot.cards.messages.outage_words import impact_line, state_of, worst_first
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count, duration, listed
from bot.model import ProviderIncident
from bot.model.incidents import Incident, OutageState

_OURS, _TEAMS, _OTHERS, _AHEAD, _NAMED, _STORM = 8, 4, 8, 5, 2, 5


@dataclass(frozen=True, slots=True)
class DigestContext:
    """What else a digest needs. `ahead`: announced maintenance of providers that we use.

    `watched`: whether incident detection is on; `pages`: whether any status page is read.
    """

    ahead: Sequence[ProviderIncident] = ()
    watched: bool = True
    pages: bool = True


def digest_card(  # noqa: PLR0913 - all by keyword but the incidents
    incidents: Sequence[Incident],
    *,
    name: str,
    since: datetime,
    now: datetime,
    audience: str = "",
    known: DigestContext | None = None,
) -> Card:
    """The digest.

    Args:
        incidents: all between `since` and `now`, including those that affected no service of ours.
        name: whose digest it is.
        since: its beginning (UTC).
        now: its end, the present moment (UTC).
        audience: whose services count as ours; empty: all.
        known: announced maintenance, and what is watched at all.
    """
    known = known or DigestContext()
    incidents = unmerged(incidents)
    ours = [incident for incident in incidents if _is_ours(incident, audience)]
    ours.sort(key=lambda incident: (not incident.open, incident.onset_at))
    teams = [incident for incident in incidents if hit(incident) and incident not in ours]
    others = [incident for incident in incidents if incident not in ours and incident not in teams]
    found = sorted_open(incidents, lambda service: not audience or service.audience == audience)
    blocks: list[Block] = [Paragraph(text("From ", Span(at=since), " to ", Span(at=now), "."), quiet=True)]
    if known.watched and found.all:
        blocks.append(Paragraph(text(open_words(found, "your"))))
    if facts := _facts(ours):
        blocks.append(Pairs(facts))
    told = [incident for incident in ours if incident.worth_alert]
    blocks += _listed("Your services", told, _OURS, now)
    blocks += _listed("Minor, no alert sent", [incident for incident in ours if not incident.worth_alert], _OURS, now)
    blocks += _listed("Other teams", teams, _TEAMS, now)
    if others:
        titles = listed([incident.title for incident in others], _OTHERS)
        blocks += [Heading("Elsewhere"), Paragraph(text(f"{titles}. No service of ours depends on it."))]
    blocks += _scheduled(known)
    blocks.append(
        Buttons(
            (Button("Open incidents", "incidents", update=False), Button("Provider status", "status", update=False))
        )
    )
    title = f"Digest for {isolated(cut(name, 100))}"
    data = {
        "since": since.isoformat(),
        "until": now.isoformat(),
        "ours": [incident.id for incident in ours[:50]],
        "other_teams": len(teams),
        "elsewhere": len(others),
        "watched": known.watched,
    } | open_data(found)
    summary = _summary(ours, teams, others, known)
    tone = _tone(ours) if known.watched else "warning"
    return Card("digest", title, summary, tuple(blocks), tone, data)


def _listed(heading: str, incidents: Sequence[Incident], at_most: int, now: datetime) -> list[Block]:
    if not incidents:
        return []
    lines = tuple(_line(incident, now) for incident in incidents[:at_most])
    return [Heading(heading), Items(lines, left_out=max(0, len(incidents) - at_most))]


def _is_ours(incident: Incident, audience: str) -> bool:
    """Whether it affects a service of the audience or was escalated to it; our own network concerns everybody."""
    return hit(incident, lambda service: not audience or service.audience == audience) or (
        audience in incident.handling.escalated_to
    )


def _scheduled(known: DigestContext) -> list[Block]:
    if not known.pages:
        said = "No status page is read, so scheduled maintenance is unknown."
        return [Paragraph(text(said), quiet=True)]
    if not known.ahead:
        return []
    lines = tuple(provider_line(incident, named=True) for incident in known.ahead[:_AHEAD])
    return [Heading("Scheduled maintenance"), Items(lines, left_out=max(0, len(known.ahead) - _AHEAD))]


def _summary(
    ours: Sequence[Incident], teams: Sequence[Incident], others: Sequence[Incident], known: DigestContext
) -> str:
    if not known.watched:
        return "Incident detection is off, so incidents are unknown."
    told = [incident for incident in ours if incident.worth_alert]
    minor = len(ours) - len(told)
    still = sum(1 for incident in told if incident.open)
    if told:
        surely = [incident for incident in told if incident.outage is OutageState.DOWN]
        only = "affected" if len(surely) == len(told) else "affected or may have affected"
        said = f"{count(len(told), 'incident')} {only if surely else 'may have affected'} your services, "
        said += f"{still:,} still open." if still else "all resolved." if len(told) > 1 else "now resolved."
        said += f" {minor:,} more, minor." if minor else ""
    elif ours:
        said = f"{count(minor, 'minor incident')} may concern your services; no alert was sent."
    elif teams:
        said = f"{count(len(teams), 'incident')} affected other teams, none your services."
    elif others:
        said = f"{count(len(others), 'incident')} elsewhere, none affected our services."
    else:
        said = "No incidents."
    return said + (f" {count(len(known.ahead), 'maintenance window')} scheduled." if known.ahead else "")


def _facts(ours: Sequence[Incident]) -> tuple[tuple[str, Text], ...]:
    ours = [incident for incident in ours if not incident.ours and not incident.old]
    detected = [incident.detected_after for incident in ours if incident.detected_after is not None]
    leads = [incident.lead for incident in ours if incident.lead is not None]
    lasted = [incident.lasted(incident.resolved_at) for incident in ours if incident.resolved_at is not None]
    facts = []
    if detected:
        facts.append(("Time to confirm", text(f"{_median(detected)} (median)")))
    if leads:
        earlier = sum(1 for lead in leads if lead > timedelta(0))
        facts.append(("Detected before the provider", text(f"{earlier:,} of {len(leads):,}")))
    if lasted:
        facts.append(("Time to resolve", text(f"{_median(lasted)} (median)")))
    return tuple(facts)


def _median(lengths: Sequence[timedelta]) -> str:
    return duration(timedelta(seconds=median(length.total_seconds() for length in lengths)))


def _line(incident: Incident, now: datetime) -> Text:
    took, providers = duration(incident.lasted(now)), len({scope.provider for scope in incident.scopes})
    storm = f", {providers:,} providers at once" if providers >= _STORM else ""
    impact = impact_line(incident, incident.affected, briefly=len(worst_first(incident.affected)) > _NAMED)
    when: list[str | Span] = [", since " if incident.open else f", {took} from ", Span(at=incident.started_at)]
    if incident.old:
        when = [", open since " if incident.open else ", from ", Span(at=incident.started_at, day=True)]
        when.append(", before backstay started watching")
    return text(
        *state_of(incident),
        ": ",
        Span(cut(incident.title, 120), "bold"),
        *when,
        f"{storm}: {impact} (" if impact else f"{storm} (",
        Span(incident.id, "code"),
        ")",
    )


def _tone(ours: Sequence[Incident]) -> Tone:
    tones = {tone_of(incident) for incident in ours if incident.open}
    return "bad" if "bad" in tones else "warning" if tones else "good"

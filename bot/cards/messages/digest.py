"""The digest of an audience: what happened since the last one, what of it was ours, what is ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, Tone, text
from bot.cards.messages.incident_parts import PHASES, hit, names, provider_line, tone_of, worst_first
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count, span_of
from bot.model import ProviderIncident
from bot.model.incidents import Incident
from bot.model.notifications import concerns

_OURS, _TEAMS, _OTHERS, _AHEAD, _NAMED, _STORM = 8, 4, 8, 5, 2, 5


@dataclass(frozen=True, slots=True)
class DigestContext:
    """What else a digest rests on. `ahead`: announced maintenance of providers that we need.

    `watched`: whether anything looks for incidents at all; `pages`: whether any provider's page is read.
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
    """The post.

    Args:
        incidents: all of the time between `since` and `now`, those that hit nobody of us among them.
        name: whose digest it is.
        since: its beginning (UTC).
        now: its end, the present moment (UTC).
        audience: whose services count as ours; empty: all.
        known: what is announced, and how far it can be known.
    """
    known = known or DigestContext()
    ours = sorted((one for one in incidents if _is_ours(one, audience)), key=lambda one: (not one.open, one.onset_at))
    teams = [one for one in incidents if one.touches_us and one not in ours]
    others = [one for one in incidents if not one.touches_us]
    blocks: list[Block] = [Paragraph(text("From ", Span(at=since), " to ", Span(at=now), "."), quiet=True)]
    if facts := _facts(ours):
        blocks.append(Pairs(facts))
    if ours:
        lines = tuple(_line(one, now) for one in ours[:_OURS])
        blocks += [Heading("Ours"), Items(lines, left_out=max(0, len(ours) - _OURS))]
    if teams:
        lines = tuple(_line(one, now) for one in teams[:_TEAMS])
        blocks += [Heading("Other teams"), Items(lines, left_out=max(0, len(teams) - _TEAMS))]
    if others:
        told = names([one.title for one in others], _OTHERS)
        blocks += [Heading("Elsewhere"), Paragraph(text(f"{told}: no service of ours needs what broke."))]
    blocks += _ahead(known, now)
    blocks.append(
        Buttons((Button("Open incidents", "incidents", update=False), Button("Status", "status", update=False)))
    )
    title = f"Digest for {isolated(cut(name, 100))}"
    data = {
        "since": since.isoformat(),
        "until": now.isoformat(),
        "ours": [one.id for one in ours[:50]],
        "other_teams": len(teams),
        "elsewhere": len(others),
        "watched": known.watched,
    }
    summary = _summary(ours, teams, others, known)
    tone = _tone(ours) if known.watched else "warning"
    return Card("digest", title, summary, tuple(blocks), tone, data)


def _is_ours(incident: Incident, audience: str) -> bool:
    """Whether it hits a service of the audience, or was told to it; our own network is everybody's."""
    if not audience:
        return incident.touches_us or incident.ours
    return incident.ours or concerns(incident, audience)


def _ahead(known: DigestContext, now: datetime) -> list[Block]:
    if not known.pages:
        said = "No provider's page is read here, so what they announce is not known."
        return [Paragraph(text(said), quiet=True)]
    if not known.ahead:
        return []
    announced = tuple(provider_line(one, now) for one in known.ahead[:_AHEAD])
    return [Heading("Maintenance ahead"), Items(announced, left_out=max(0, len(known.ahead) - _AHEAD))]


def _summary(
    ours: Sequence[Incident], teams: Sequence[Incident], others: Sequence[Incident], known: DigestContext
) -> str:
    if not known.watched:
        return "Nothing looks for incidents here, so whether anything broke is not known."
    still = sum(1 for one in ours if one.open)
    if ours:
        said = f"{count(len(ours), 'incident')} hit services of ours, "
        said += f"{still:,} still open." if still else "all of them over." if len(ours) > 1 else "over by now."
    elif teams:
        said = f"{count(len(teams), 'incident')} hit services of other teams, none of ours."
    elif others:
        said = f"{count(len(others), 'incident')} elsewhere, none with services of ours."
    else:
        said = "Nothing broke that we know of."
    return said + (f" {count(len(known.ahead), 'maintenance', 'maintenances')} ahead." if known.ahead else "")


def _facts(ours: Sequence[Incident]) -> tuple[tuple[str, Text], ...]:
    detected = [one.detected_after for one in ours if one.detected_after is not None]
    leads = [one.lead for one in ours if one.lead is not None]
    lasted = [one.lasted(one.resolved_at) for one in ours if one.resolved_at is not None]
    facts = []
    if detected:
        facts.append(("Sure after", text(f"{_middle(detected)} (median)")))
    if leads:
        earlier = sum(1 for one in leads if one > timedelta(0))
        facts.append(("Ahead of the provider", text(f"{earlier:,} of {len(leads):,}")))
    if lasted:
        facts.append(("Over after", text(f"{_middle(lasted)} (median)")))
    return tuple(facts)


def _middle(spans: Sequence[timedelta]) -> str:
    return span_of(timedelta(seconds=median(one.total_seconds() for one in spans)))


def _line(one: Incident, now: datetime) -> Text:
    took, providers = span_of(one.lasted(now)), len({scope.provider for scope in one.scopes})
    storm = f", a storm of {providers:,} providers" if providers >= _STORM else ""
    waves = f", {one.wave} waves" if one.wave > 1 else ""
    return text(
        PHASES[one.phase],
        ": ",
        Span(cut(one.title, 120), "bold"),
        f", {took} from ",
        Span(at=one.onset_at),
        f"{storm}{waves}: {hit(one.affected, briefly=len(worst_first(one.affected)) > _NAMED)} (",
        Span(one.id, "code"),
        ")",
    )


def _tone(ours: Sequence[Incident]) -> Tone:
    tones = {tone_of(one) for one in ours if one.open}
    return "bad" if "bad" in tones else "warning" if tones else "good"

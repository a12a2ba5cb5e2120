"""The digest of an audience: what happened since the last one, what of it was ours, what is ahead."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, Tone, text
from bot.cards.happening import PHASES, hit, names, provider_line, tone_of
from bot.cards.inert import cut, isolated
from bot.cards.standing import command
from bot.cards.wording import count, span_of
from bot.ports import ProviderIncident
from bot.signals import OwnIncident

_OURS, _OTHERS, _AHEAD = 8, 8, 5


def digest_card(
    incidents: Sequence[OwnIncident],
    *,
    name: str,
    since: datetime,
    now: datetime,
    ahead: Sequence[ProviderIncident] = (),
) -> Card:
    """The post.

    Args:
        incidents: all of the time between `since` and `now`, those that hit nobody of us among them.
        name: whose digest it is.
        since: its beginning (UTC).
        now: its end, the present moment (UTC).
        ahead: announced maintenance of providers that we need.
    """
    ours = sorted((one for one in incidents if one.touches_us), key=lambda one: (not one.open, one.onset_at))
    others = [one for one in incidents if not one.touches_us]
    blocks: list[Block] = [Paragraph(text("From ", Span(at=since), " to ", Span(at=now), "."), quiet=True)]
    if facts := _facts(ours):
        blocks.append(Pairs(facts))
    if ours:
        lines = tuple(_line(one, now) for one in ours[:_OURS])
        blocks += [Heading("Ours"), Items(lines, left_out=max(0, len(ours) - _OURS))]
    if others:
        told = names([one.title for one in others], _OTHERS)
        blocks += [Heading("Elsewhere"), Paragraph(text(f"{told}: no service of ours needs what broke."))]
    if ahead:
        announced = tuple(provider_line(one, now) for one in ahead[:_AHEAD])
        blocks += [Heading("Maintenance ahead"), Items(announced, left_out=max(0, len(ahead) - _AHEAD))]
    blocks.append(
        Buttons((Button("Open incidents", "incidents", update=False), Button("Status", "status", update=False)))
    )
    title = f"Digest for {isolated(cut(name, 100))}"
    data = {
        "since": since.isoformat(),
        "until": now.isoformat(),
        "ours": [one.id for one in ours[:50]],
        "elsewhere": len(others),
    }
    return Card("digest", title, _summary(ours, others, ahead), tuple(blocks), _tone(ours), data)


def _summary(ours: Sequence[OwnIncident], others: Sequence[OwnIncident], ahead: Sequence[ProviderIncident]) -> str:
    if not ours and not others:
        said = "Nothing broke that we know of."
    elif not ours:
        said = f"{count(len(others), 'incident')} elsewhere, none with services of ours."
    else:
        still = sum(1 for one in ours if one.open)
        said = f"{count(len(ours), 'incident')} hit services of ours, "
        said += f"{still:,} still open." if still else "all of them over." if len(ours) > 1 else "over by now."
    return said + (f" {count(len(ahead), 'maintenance', 'maintenances')} ahead." if ahead else "")


def _facts(ours: Sequence[OwnIncident]) -> tuple[tuple[str, Text], ...]:
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


def _line(one: OwnIncident, now: datetime) -> Text:
    took = span_of(one.lasted(now))
    return text(
        PHASES[one.phase],
        " ",
        Span(cut(one.title, 120), "bold"),
        " ",
        Span(command("incidents", one.id), "code"),
        " – from ",
        Span(at=one.onset_at),
        f", {took}: {hit(one.affected)}",
    )


def _tone(ours: Sequence[OwnIncident]) -> Tone:
    tones = {tone_of(one) for one in ours if one.open}
    return "bad" if "bad" in tones else "warning" if tones else "good"

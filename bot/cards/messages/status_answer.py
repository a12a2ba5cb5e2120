"""Readings and what we run on -> the answer to `status`, the same in chat, over webhooks and on the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Paragraph, Span, text
from bot.cards.messages.incident_parts import lead_title
from bot.cards.messages.one_provider import provider_card
from bot.cards.messages.open_incidents import incident_lines, of_provider
from bot.cards.messages.page_readings import label, severity_of
from bot.cards.messages.provider_status import status_card
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import listed
from bot.catalogue import AWS_REGIONS, KnownProvider
from bot.catalogue.exposure import relevant_readings
from bot.model import FeedReading
from bot.model.incidents import Incident
from bot.model.providers import Exposure


def status_answer(  # noqa: PLR0913 - all by keyword but what was read
    readings: Iterable[FeedReading],
    exposure: Exposure,
    now: datetime,
    *,
    region: str = "",
    alone: bool = False,
    incidents: Sequence[Incident] = (),
) -> Card:
    """The status of all providers, or of one in full.

    Args:
        readings: the last one of each feed.
        exposure: the providers and regions that our services use.
        now: the present moment (UTC).
        region: only this region; empty: the regions that we use.
        alone: all readings are of one provider, which was asked for.
        incidents: our own incidents; those that are open are told beside what the pages report.
    """
    still_open = [incident for incident in incidents if incident.open and not incident.part_of]
    known = list(readings)
    parts = relevant_readings(known, exposure, now, region)
    if alone and parts:
        needed = exposure.needed_by.get(parts[0].provider, ())
        card = provider_card(parts[0], needed_by=needed, now=now, beside=parts[1:], incidents=still_open, region=region)
    else:
        card = status_card(parts, needed_by=exposure.needed_by, now=now, incidents=still_open)
    if region and not _is_known_region(region, known, exposure):
        shown = cut(region, 40)
        note = text("No status page mentions the region ", Span(shown, "bold"), ". Check its spelling.")
        # What is reported elsewhere stays on the card, but it is no answer about that region.
        title, said = f"Unknown region: {shown}", f"No status page and no service of yours mentions the region {shown}."
        return replace(card, title=title, summary=said, blocks=(Paragraph(note), *card.blocks), tone="warning")
    return card


def _is_known_region(region: str, readings: Iterable[FeedReading], exposure: Exposure) -> bool:
    """Whether any page, AWS or our catalogue has a region of this name; a mistyped one would look like good news."""
    places = {place for reading in readings for incident in reading.incidents for place in incident.regions}
    places |= {place for ours in exposure.regions.values() for place in ours} | AWS_REGIONS
    return region.lower().replace(" ", "") in {place.lower().replace(" ", "") for place in places}


def with_blind_spots(card: Card, readings: Iterable[FeedReading], exposure: Exposure, now: datetime) -> Card:
    """The card, with a note on status pages that our services need and that could not be read: then no news is not good news."""
    blind = [
        label(reading)
        for reading in readings
        if exposure.needed_by.get(reading.provider) and severity_of(reading, now) is None
    ]
    if not blind:
        return card
    note = Paragraph(text(f"Monitoring is incomplete: the status of {listed(blind)} is unknown."))
    return replace(card, blocks=(*card.blocks, note), tone="warning" if card.tone == "good" else card.tone)


def no_feed_card(provider: KnownProvider, incidents: Sequence[Incident] = ()) -> Card:
    """A known provider without a status feed: its status is unknown, but for our own open incidents."""
    name = isolated(cut(provider.title, 80))
    own = [incident for incident in incidents if incident.open and of_provider(incident, provider.name)]
    page = (text("Its status page: ", Span(provider.page, "code"), "."),) if provider.page else ()
    fix = text("To have it read, add its feed under ", Span("providers:", "code"), " in backstay.yaml.")
    blocks: tuple[Block, ...] = (
        *incident_lines(own),
        *(Paragraph(line) for line in (*page, fix)),
        Buttons((Button("All providers", "status"),)),
    )
    said = "backstay knows no status feed of this provider, so its status is unknown."
    title = lead_title(own[0]) if own else f"{name}: status unknown"
    data = {"provider": provider.name, "severity": "unknown", "incidents": []}
    return Card("status", title, said, blocks, "warning" if own else "neutral", data)

"""`format` in providers.yaml is a hint: a page that moved to another vendor is recognised anew, on the wire too."""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from support.fakes.status_page import StatusPage, summary, trouble
from support.harness.loopback import serving

from bot.catalogue import known_providers
from bot.detection.feeds import FeedError, Parsed, parse, parse_hinted
from bot.detection.feeds.http_feed import FeedSpec, HttpFeed, pool
from bot.model import IncidentSeverity

PAYLOADS = Path(__file__).parents[1] / "support" / "samples" / "payloads"
SHARED = Path(os.environ.get("BACKSTAY_SHARED_SAMPLES", Path(__file__).parents[3] / "shared" / "samples"))
BODIES = {
    path: path.read_bytes()
    for folder in (PAYLOADS, SHARED / "status", SHARED / "status-faults")
    for path in sorted(folder.glob("*.*") if folder.is_dir() else ())
    if path.suffix in (".json", ".xml", ".rss", ".atom", ".txt")
}


@cache
def recognised() -> Mapping[Path, Parsed]:
    """Every recorded payload that a format recognises by its shape."""
    found = {}
    for path, body in BODIES.items():
        with suppress(FeedError):
            found[path] = parse(body)
    return found


FORMATS = sorted({provider.format for provider in known_providers().values() if provider.format})


@pytest.mark.parametrize(
    ("hint", "found"),
    [
        ("rss", "atom"),
        ("statuspage", "atom"),
        ("google_atom", "atom"),
        ("atom", "atom"),
        ("", "atom"),
        ("gone", "atom"),
    ],
)
def test_a_page_of_another_format_than_expected_is_recognised_anew(hint: str, found: str) -> None:
    assert parse_hinted((PAYLOADS / "atom-okta-20250619.xml").read_bytes(), hint).format == found


def test_a_special_format_outweighs_the_hint_of_a_general_one() -> None:
    body = (PAYLOADS / "statuspage-history-moonpay-20251128.xml").read_bytes()
    assert parse_hinted(body, "rss").format == "statuspage_history"


def test_the_hint_decides_where_the_shape_shows_nothing() -> None:
    assert parse_hinted(b"[]", "aws_currentevents").page.severity is IncidentSeverity.NONE
    with pytest.raises(FeedError, match="JSON list without objects"):
        parse_hinted(b"[]", "statuspage")


def test_what_no_format_recognises_is_an_error() -> None:
    with pytest.raises(FeedError, match="keys weather"):
        parse_hinted(b'{"weather": "fine"}', "statuspage")


def test_a_format_that_is_named_on_the_command_line_stays_a_command() -> None:
    with pytest.raises(FeedError, match="is not an RSS feed"):
        parse((PAYLOADS / "atom-okta-20250619.xml").read_bytes(), "rss")


async def test_a_vendor_that_moves_its_page_is_still_read() -> None:
    page = StatusPage(body=summary(trouble()))
    async with serving(page.app()) as url, pool() as client:
        spec = FeedSpec("example", f"{url}/summary.json", format="heroku", private=True)
        reading = await HttpFeed(spec, client, lambda: datetime(2026, 11, 23, tzinfo=UTC)).read()
    assert (reading.format, reading.severity, reading.error) == ("statuspage", IncidentSeverity.MAJOR, "")


@pytest.mark.parametrize("format", FORMATS)
def test_a_real_payload_of_each_format_that_a_provider_has(format: str) -> None:
    read = [(path, parsed.page) for path, parsed in recognised().items() if parsed.format == format]
    if not read:
        pytest.skip(f"no payload of {format} is among {PAYLOADS.name} or {SHARED}")
    for path, page in read:
        assert page.severity is not None or page.incidents or page.components, path.name
        assert parse_hinted(BODIES[path], format).page.incidents == page.incidents

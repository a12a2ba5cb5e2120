"""Any bytes parse into a page or raise FeedError, quickly; only a positive statement makes a page operational."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes.status_page import summary, trouble

from bot.detection.feeds import MAX_BYTES, FeedError, known_formats, parse
from bot.detection.feeds.parsing.dates import parse_time
from bot.model import IncidentSeverity, IncidentState
from bot.net.plain_text import plain

_KEYS = """
    id name page status incidents data attributes type value active_incidents notes result
    status_overall arn date event_log begin updates systems config conditions timeline Incidents
    key IncidentImpacts slug uptime events detail incident_updates components
    scheduled_maintenances activeIncidents included regionHealthReports Status Message Title
""".split()  # noqa: SIM905 - names read best as words
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["2026-11-23", "resolved", "3"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(st.binary(max_size=300), st.sampled_from(["", *known_formats()]))
def test_bytes_make_a_page_or_a_feed_error(body: bytes, format: str) -> None:
    try:
        parse(body, format)
    except FeedError:
        return


@given(_VALUES, st.sampled_from(["", *known_formats()]))
def test_json_makes_a_page_or_a_feed_error(value: object, format: str) -> None:
    try:
        page = parse(json.dumps(value).encode(), format).page
    except FeedError:
        return
    assert all(incident.id for incident in page.incidents)


@given(
    st.text(max_size=200), st.sampled_from(["rss", "atom", "aws_rss", "azure_rss", "statuspage_history", "google_atom"])
)
def test_feeds_with_any_text_make_a_page_or_a_feed_error(text: str, format: str) -> None:
    item = f"<item><title>{text}</title><guid>1</guid><description>{text}</description><pubDate>{text}</pubDate></item>"
    entry = f"<entry><id>{text}</id><title>{text}</title><updated>{text}</updated><content>{text}</content></entry>"
    for body in (f"<rss><channel>{item}</channel></rss>", f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>'):
        try:
            parse(body.encode(errors="replace"), format)
        except FeedError:
            continue


BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><title>&b;</title></channel></rss>"""
OUTSIDE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><body>All systems operational</body></html>",
        b"<html>",
        b"OK",
        b"[]",
        b"{}",
        b'{"status": "ok"}',
        b'{"page": {"id": "abc"}}',
        b'{"incidents": []}',
        b"[[[[" * 30_000,
        b"<a>" * 3_000,
        b" " * (MAX_BYTES + 1),
        BOMB.encode(),
        OUTSIDE.encode(),
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_not_a_feed_is_never_operational(body: bytes) -> None:
    with pytest.raises(FeedError):
        parse(body)


def test_an_empty_list_is_all_that_amazon_says_on_a_good_day() -> None:
    assert parse(b"[]", "aws_currentevents").page.severity is IncidentSeverity.NONE


def test_an_indicator_that_is_not_known_is_unknown() -> None:
    assert parse(summary(indicator="purple")).page.severity is None


def test_an_open_incident_outweighs_an_indicator_of_none() -> None:
    assert parse(summary(trouble())).page.severity is IncidentSeverity.MAJOR


def test_order_and_repetition_change_nothing() -> None:
    first, second = trouble("one", created_at="2026-11-23T08:00:00Z"), trouble("two")
    assert parse(summary(first, second)) == parse(summary(second, first, first))


def test_the_later_of_two_versions_wins() -> None:
    early = trouble(updated_at="2026-11-23T09:10:00Z")
    late = trouble(status="monitoring", updated_at="2026-11-23T09:20:00Z")
    for body in (summary(early, late), summary(late, early)):
        [incident] = parse(body).page.incidents
        assert incident.state is IncidentState.MONITORING


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-23T09:00:00Z", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23T09:00:00.1234567+01:00", datetime(2026, 11, 23, 8, 0, 0, 123456, UTC)),
        ("Fri, 13 Jun 2025 09:38:42 PDT", datetime(2025, 6, 13, 16, 38, 42, tzinfo=UTC)),
        ("Sat,  3 Mar 2018 04:06:15 PST", datetime(2018, 3, 3, 12, 6, 15, tzinfo=UTC)),
        ("Sun, 21 Jul 2024 18:11:00 Z", datetime(2024, 7, 21, 18, 11, tzinfo=UTC)),
        ("1772369485", datetime(2026, 3, 1, 12, 51, 25, tzinfo=UTC)),
        (1772369485000, datetime(2026, 3, 1, 12, 51, 25, tzinfo=UTC)),
        ("yesterday", None),
        (float("nan"), None),
        (True, None),
        ("Fri, 31 Feb 2025 09:38:42 GMT", None),
    ],
)
def test_moments(written: object, meant: datetime | None) -> None:
    assert parse_time(written) == meant


def test_markup_and_its_hidden_text_are_dropped() -> None:
    written = "<p>We&nbsp;see<br>it</p><script>alert(1)</script><a href='javascript:x'>here</a>\u202e"
    assert plain(written) == "We see\nit\nhere"

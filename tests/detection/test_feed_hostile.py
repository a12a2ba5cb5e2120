"""Hostile bodies: bombs, deep nesting, floods and active text. The parser limits or refuses each of them.

Limits are counted, not timed; tests/bench/bench_feeds.py measures times.
"""

import gzip
import json
from typing import Any

import pytest
from support.fakes.status_page import summary, trouble
from support.samples.feed_case import form

from bot.detection.feeds import MAX_BYTES, MOST_INCIDENTS, MOST_UPDATES, FeedError, parse
from bot.net.plain_text import TEXT, plain

BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><title>&b;</title></channel></rss>"""
REFUSED = {
    "an entity bomb": (BOMB.encode(), "DTD"),
    "an entity from outside": (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel/></rss>', "DTD"),
    "a DTD alone": (b'<!DOCTYPE rss SYSTEM "http://x/"><rss><channel/></rss>', "DTD"),
    "lists in lists": (b"[" * 3_000_000, "nested too deeply"),
    "objects in objects": (b'{"a":' * 1_000_000, "nested too deeply"),
    "tags in tags": (b"<a>" * 1_000_000, "levels"),
    "nothing but tags": (b"<rss><channel>" + b"<item/>" * 500_000 + b"</channel></rss>", "elements"),
    "too many entries": (b"<rss><channel>" + b"<item/>" * 60_000 + b"</channel></rss>", "60,000 entries"),
    "a number without end": (b'{"page": ' + b"9" * 5_000 + b"}", "a number of too many digits"),
    "too large": (b" " * (MAX_BYTES + 1), "bytes"),
    "a bomb of gzip": (gzip.compress(b" " * (3 * MAX_BYTES), mtime=0), "unpacks to more than"),
    "headers without end": (b"HTTP/1.1 200 OK\n\n" * 500_000, "text without dated updates"),
    "strings in strings": (json.dumps(json.dumps(json.dumps(json.dumps("{}")))).encode(), "text without dated updates"),
}


@pytest.mark.parametrize(("body", "problem"), REFUSED.values(), ids=REFUSED)
def test_hostile_bodies_are_refused(body: bytes, problem: str) -> None:
    with pytest.raises(FeedError, match=problem):
        parse(body)


def test_twenty_thousand_incidents_are_cut_and_counted() -> None:
    old = [
        trouble(f"old{n}", status="resolved", created_at=f"2026-01-{n % 28 + 1:02}T00:00:00Z") for n in range(19_999)
    ]
    body = summary(*old, trouble("now"))
    parsed = parse(body)
    assert len(parsed.page.incidents) == MOST_INCIDENTS
    assert parsed.left_out == "18,000 incidents"
    assert parsed.page.incidents[0].id == "now"


def test_a_flood_of_updates_is_cut_and_counted() -> None:
    updates = [{"body": str(n), "created_at": 1_700_000_000 + n} for n in range(3_000)]
    parsed = parse(summary(trouble(incident_updates=updates)))
    [incident] = parsed.page.incidents
    assert [len(incident.updates), incident.updates[0].text] == [MOST_UPDATES, "2999"]
    assert parsed.left_out == "2,500 updates"


def test_nothing_is_left_out_of_a_small_page() -> None:
    assert not parse(summary(trouble())).left_out


@pytest.mark.parametrize(
    "unit",
    [
        "<!--",
        "<a ",
        "<!",
        "<a '",
        "<a \"'",
        "<?",
        "</",
        "&#",
        "<![",
        "<![CDATA[",
        "<a b='",
        "-\n",
        "<script>",
        "&amp",
        "<b><i>",
    ],
)
def test_text_of_nothing_but_beginnings_is_read_in_one_pass(unit: str) -> None:
    """The standard library's parser needed a minute for some of these, and raised AssertionError for another."""
    assert len(plain(unit * (200_000 // len(unit)))) <= TEXT


def test_impossible_times_are_dropped() -> None:
    times: dict[str, Any] = {"created_at": 10**400, "updated_at": -1, "resolved_at": "99999-01-01T00:00:00Z"}
    [incident] = form(summary(trouble(**times)))["incidents"]
    assert [incident["started_at"], incident["updated_at"], incident["resolved_at"]] == [None, None, None]


def test_numbers_that_are_none() -> None:
    body = b'{"page":{"id":"abcdefabcdef","name":NaN},"incidents":[{"id":"a","name":Infinity,"impact":-Infinity,"status":1e400}]}'
    [incident] = form(body)["incidents"]
    assert [incident["title"], incident["severity"], incident["state"]] == ["", None, None]


HOSTILE = [
    ("a\x00b\x07c", "abc"),
    ("\ud83d half", "half"),
    ("\u202eegassem\u202c \u2066x\u2069", "egassem x"),
    ("<!channel> down", "down"),
    ("<script>alert(1)</script>down", "down"),
    ("<img src=x onerror=alert(1)>down", "down"),
    ("&lt;script&gt;alert(1)&lt;/script&gt;down", "down"),
    ("line\r\nbreak\u2028and\tmore", "line break and more"),
    ("\U000e0041\U000e0042down", "down"),
    ("x" * 5_000, "x" * 300),
]


@pytest.mark.parametrize(("written", "shown"), HOSTILE, ids=lambda text: repr(text)[:20])
def test_titles_lose_active_and_hidden_text(written: str, shown: str) -> None:
    [incident] = form(summary(trouble(name=written)))["incidents"]
    assert incident["title"] == shown


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "http://[::1", "https://", "//evil.example", "https://a b", 'https://x/"><b>',
     "file:///etc/passwd", "\\\\host\\share", "https://\u202emoc.example\\@x"],
)  # fmt: skip
def test_a_link_that_is_none_is_not_shown(link: str) -> None:
    page = {"id": "abcdefabcdef", "name": "X", "url": link}
    body = json.dumps({"page": page, "incidents": [trouble(shortlink=link, incident_updates=[])]}).encode()
    parsed = parse(body)
    assert parsed.page.url == ""
    assert parsed.page.incidents[0].url is None


def test_the_later_of_two_entries_with_one_id_wins() -> None:
    bodies = [
        json.dumps([{"id": "1", "status": word, "type": "incident", "date_created": 1, "date_updated": at, "notes": []}
                    for word, at in order]).encode()
        for order in ([("active", 1_700_000_000), ("resolved", 1_700_000_100)], [("resolved", 1_700_000_100), ("active", 1_700_000_000)])
    ]  # fmt: skip
    assert [form(body)["incidents"][0]["state"] for body in bodies] == ["resolved", "resolved"]

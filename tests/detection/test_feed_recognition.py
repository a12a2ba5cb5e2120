"""A format is recognised by shape alone, whatever wraps the payload; a body that is not a feed is refused with a fix."""

import gzip
import json
from collections.abc import Callable

import pytest
from support.samples.feed_cases import ALL, Case

from bot.detection.feeds import FeedError, about, known_formats, parse
from bot.detection.feeds.parsing.payload import read_payload

SPECIAL = {name for name, known in known_formats().items() if not getattr(known, "GENERIC", False)}
IN_JSON = [case for case in ALL if not isinstance(case.payload, str) and not case.forced]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_no_payload_may_be_taken_for_another_format(case: Case) -> None:
    """Those that must be named are an empty list and an object with one: anybody's."""
    read = read_payload(case.body)
    found = [name for name in known_formats() if name in SPECIAL and known_formats()[name].recognise(read)]
    assert found == ([case.format] if case.format in SPECIAL and not case.forced else [])


def _saved_with_headers(body: bytes) -> bytes:
    head = b"HTTP/1.1 301 Moved Permanently\r\nLocation: /x\r\n\r\nHTTP/2 200\r\nContent-Type: application/json\r\n\r\n"
    return head + body


def _from_sns(body: bytes) -> bytes:
    return json.dumps({"Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": body.decode()}).encode()


WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "utf-8 with a mark": lambda body: b"\xef\xbb\xbf" + body,
    "utf-16 little end first": lambda body: body.decode().encode("utf-16-le"),
    "utf-16 big end first": lambda body: body.decode().encode("utf-16-be"),
    "utf-16 with a mark": lambda body: body.decode().encode("utf-16"),
    "utf-32 with a mark": lambda body: body.decode().encode("utf-32"),
    "blanks around": lambda body: b"\r\n \t " + body + b"\n\x00\n",
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "JSONP": lambda body: b"status.show(" + body + b");",
    "JSONP behind a comment": lambda body: b"/**/ cb (\n" + body + b"\n);\n",
    "a guard": lambda body: b")]}'\n" + body,
    "a string": lambda body: json.dumps(body.decode()).encode(),
    "a string in a string": lambda body: json.dumps(json.dumps(body.decode())).encode(),
    "headers": _saved_with_headers,
    "headers and gzip": lambda body: _saved_with_headers(gzip.compress(body, mtime=0)),
    "an envelope of SNS": _from_sns,
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
def test_a_wrapped_payload_parses_the_same(wrap: Callable[[bytes], bytes]) -> None:
    for case in IN_JSON:
        assert case.told(wrap(case.body)) == case.expected, case.name


@pytest.mark.parametrize(
    "case",
    [entry for entry in ALL if isinstance(entry.payload, str) and entry.payload.startswith("<")],
    ids=lambda entry: entry.name,
)
def test_xml_in_any_encoding_that_it_declares(case: Case) -> None:
    said = case.payload.partition("?>")[2] or case.payload
    assert case.told(said.encode("utf-16")) == case.expected
    declared = f'\n<?xml version="1.0" encoding="ISO-8859-1"?>{said}'.replace("Lantern", "Läntern").encode("latin-1")
    assert case.told(declared) == json.loads(json.dumps(case.expected).replace("Lantern", "L\\u00e4ntern"))


NOT_FEEDS = [
    (b"", "is empty", "Download it again"),
    (b"\xef\xbb\xbf \r\n", "is empty", "Download it again"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "is empty", "Download it again"),
    (b"<!DOCTYPE html><html><body>All good</body></html>", "is an HTML page, not a feed", "/api/v2/summary.json"),
    (b"<!-- a --><!-- b --><HTML>", "is an HTML page, not a feed", "/api/v2/summary.json"),
    (b"<title>Just a moment...</title>", "is an HTML page", "/api/v2/summary.json"),
    (b'{"page": {"id": "abc", "na', "is truncated JSON (ends in line 1)", "Download it again"),
    (b'[{"arn": "arn:aws:health:x", "date": "17', "is truncated JSON (ends in line 1)", "Download it again"),
    (b'{"page": {"id": }}', "is malformed JSON at line 1, column 17", "Download it again"),
    (b'{"a": 1}\n{"b": 2}', "is malformed JSON at line 2, column 1", "Download it again"),
    (b"<rss><channel><item>", "is truncated XML", "Download it again"),
    (b"<rss><channel></rss>", "is malformed XML at line 1", "Download it again"),
    (b"<opml><body/></opml>", "is XML with the root element opml", "--format"),
    (b'{"hello": 1, "world": 2}', "is a JSON object with the keys hello, world", "--format"),
    (b"{}", "is an empty JSON object", "--format"),
    (b"[]", "is a JSON list without objects", "--format"),
    (b'[{"hello": 1}]', "is a JSON list of objects with the keys hello", "--format"),
    (b'"just a word"', "is text without dated updates", "--format"),
    (b"OK", "is text without dated updates", "--format"),
    (b"null", "is text without dated updates", "--format"),
    (gzip.compress(b"[]", mtime=0)[:-9], "is truncated gzip", "Download it again"),
    (b"\x1f\x8b\x08 nonsense", "is corrupt gzip", "Download it again"),
    (b"PK\x03\x04abc", "is a zip archive", "Unpack the file"),
]


@pytest.mark.parametrize(("body", "problem", "fix"), NOT_FEEDS, ids=lambda value: repr(value)[:30])
def test_a_body_that_is_not_a_feed_is_refused_with_a_fix(body: bytes, problem: str, fix: str) -> None:
    with pytest.raises(FeedError) as caught:
        parse(body)
    assert problem in str(caught.value)
    assert fix in caught.value.fix


@pytest.mark.parametrize("name", sorted(SPECIAL))
def test_a_named_format_refuses_other_payloads(name: str) -> None:
    for body in (b'{"hello": 1}', b"<opml><body/></opml>", b'[{"hello": 1}, 2]', b"OK"):
        with pytest.raises(FeedError) as caught:
            parse(body, name)
        assert caught.value.fix


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("statuspages", "statuspage"), ("AWS-RSS", "aws_rss"), ("better-stack", "betterstack"), ("gopher", "rss")],
)
def test_a_name_of_no_format_is_answered_with_the_nearest(wrong: str, near: str) -> None:
    with pytest.raises(FeedError, match="unknown format") as caught:
        parse(b"[]", wrong)
    assert near in caught.value.fix


def test_each_format_has_a_one_line_description() -> None:
    lines = [about(name) for name in known_formats()]
    assert all(20 < len(line) < 150 for line in lines)
    assert len(set(lines)) == len(lines)

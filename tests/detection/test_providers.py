"""providers.yaml: what is said of clouds and SaaS holds together, and what nobody documented is left out."""

from urllib.parse import urlsplit

import pytest

from bot.catalogue import ConfigError, known_providers, read
from bot.detection.feeds import known_formats
from bot.detection.feeds.http_feed import FeedSpec
from checks import Scope


def test_at_least_eighty_have_a_feed_in_a_format_that_is_read() -> None:
    with_feed = [one for one in known_providers().values() if one.feed]
    assert len(with_feed) >= 80
    for one in with_feed:
        assert one.format in known_formats(), one.name
        assert urlsplit(FeedSpec(one.name, one.feed).url).scheme == "https", one.name


def test_where_something_runs_is_said_with_its_basis_and_names_a_cloud() -> None:
    known = known_providers()
    for one in known.values():
        assert bool(one.runs_on) == bool(one.basis), one.name
        assert all(known[Scope.parse(on).provider].cloud for on in one.runs_on), one.name


def test_no_name_stands_for_two() -> None:
    known = known_providers()
    words = [word for one in known.values() for word in (one.name, *one.aliases)]
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)


def test_every_address_is_one_of_https_and_no_feed_is_read_twice() -> None:
    known = known_providers().values()
    for one in known:
        for address in filter(None, (one.page, one.feed)):
            parts = urlsplit(address)
            assert parts.scheme == "https", one.name
            assert parts.hostname, one.name
            assert "." in parts.hostname, one.name
            assert not set(address) & set(" <>\"'"), one.name
        assert bool(one.feed) == bool(one.format), one.name
    feeds = [one.feed for one in known if one.feed]
    assert len(feeds) == len(set(feeds))


def test_an_address_that_tells_its_format_is_read_as_that() -> None:
    """What is imitated is read by the same words: incident.io answers under Statuspage's addresses."""
    for one in known_providers().values():
        if one.feed.endswith("/api/v2/summary.json"):
            assert one.format in ("statuspage", "incidentio", "instatus"), one.name
        elif one.feed.endswith((".rss", ".atom", ".xml")):
            assert one.format in ("rss", "atom", "statuspage_history", "aws_rss", "google_atom"), one.name


@pytest.mark.parametrize(
    ("headers", "feed", "said"),
    [
        ("{Authorization: abc}", "https://status.example.com", "the header Authorization carries a secret"),
        ("{Authorization: 'env:A'}", "http://status.example.com", "would travel in the open"),
        ("{'X Y': b}", "https://status.example.com", "is not a valid header name"),
    ],
)
def test_headers_of_a_feed_are_references_over_tls(headers: str, feed: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read(f"providers: [{{name: ours, feed: '{feed}', headers: {headers}}}]")


def test_headers_of_a_feed_are_kept_as_references() -> None:
    text = (
        "providers: [{name: ours, feed: 'https://status.example.com', headers: {Authorization: 'env:A', X-Team: pay}}]"
    )
    assert read(text).providers["ours"].headers == {"Authorization": "env:A", "X-Team": "pay"}

"""providers.yaml: its statements about clouds and SaaS are consistent and documented."""

from urllib.parse import urlsplit

import pytest

from bot.catalogue import ConfigError, known_providers, read
from bot.detection.feeds import known_formats
from bot.detection.feeds.http_feed import FeedSpec
from checks import Scope


def test_at_least_eighty_have_a_feed_in_a_format_that_is_read() -> None:
    with_feed = [known_provider for known_provider in known_providers().values() if known_provider.feed]
    assert len(with_feed) >= 80
    for item in with_feed:
        assert item.format in known_formats(), item.name
        assert urlsplit(FeedSpec(item.name, item.feed).url).scheme == "https", item.name


def test_where_a_provider_runs_has_a_source_and_names_a_cloud() -> None:
    known = known_providers()
    for entry in known.values():
        assert bool(entry.runs_on) == bool(entry.basis), entry.name
        assert all(known[Scope.parse(on).provider].cloud for on in entry.runs_on), entry.name


def test_no_name_means_two_providers() -> None:
    known = known_providers()
    words = [word for entry in known.values() for word in (entry.name, *entry.aliases)]
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)


def test_every_address_is_one_of_https_and_no_feed_is_read_twice() -> None:
    known = known_providers().values()
    for entry in known:
        for address in filter(None, (entry.page, entry.feed)):
            parts = urlsplit(address)
            assert parts.scheme == "https", entry.name
            assert parts.hostname, entry.name
            assert "." in parts.hostname, entry.name
            assert not set(address) & set(" <>\"'"), entry.name
        assert bool(entry.feed) == bool(entry.format), entry.name
    feeds = [entry.feed for entry in known if entry.feed]
    assert len(feeds) == len(set(feeds))


def test_an_address_that_tells_its_format_is_read_as_that() -> None:
    """What is imitated is read by the same words: incident.io answers under Statuspage's addresses."""
    for known_provider in known_providers().values():
        if known_provider.feed.endswith("/api/v2/summary.json"):
            assert known_provider.format in ("statuspage", "incidentio", "instatus"), known_provider.name
        elif known_provider.feed.endswith((".rss", ".atom", ".xml")):
            assert known_provider.format in ("rss", "atom", "statuspage_history", "aws_rss", "google_atom"), (
                known_provider.name
            )


@pytest.mark.parametrize(
    ("headers", "feed", "said"),
    [
        ("{Authorization: abc}", "https://status.example.com", "the header Authorization carries a secret"),
        ("{Authorization: 'env:A'}", "http://status.example.com", "would be sent unencrypted"),
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

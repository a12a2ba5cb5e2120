"""providers.yaml: its statements about clouds and SaaS are consistent, documented, and read as they are written."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from bot.catalogue import ConfigError, known_providers, read
from bot.catalogue.provider_entry import good_on
from bot.catalogue.providers import read_providers
from bot.detection.feeds import known_formats
from bot.detection.feeds.http_feed import FeedSpec
from bot.detection.probes.targets import parse_endpoint_url
from checks import Scope


def test_what_a_saas_team_runs_on_is_known() -> None:
    known = known_providers().values()
    assert len(known) >= 220
    assert len([provider for provider in known if provider.feed]) >= 180
    assert len([provider for provider in known if provider.probes]) >= 90


def test_every_feed_is_in_a_format_that_is_read() -> None:
    for provider in known_providers().values():
        if provider.feed:
            assert provider.format in known_formats(), provider.name
            assert urlsplit(FeedSpec(provider.name, provider.feed).url).scheme == "https", provider.name


def test_every_feed_was_known_to_answer_on_a_day_that_has_been() -> None:
    today = datetime.now(UTC).date()
    for provider in known_providers().values():
        if provider.feed:
            assert good_on(provider.known_good) <= today, provider.name


def test_where_a_provider_runs_has_a_source_and_names_a_cloud() -> None:
    known = known_providers()
    for entry in known.values():
        assert all(known[Scope.parse(on).provider].cloud for on in entry.runs_on), entry.name


def test_an_address_that_tells_its_format_is_read_as_that() -> None:
    """What is imitated is read by the same words: incident.io answers under Statuspage's addresses."""
    for provider in known_providers().values():
        if provider.feed.endswith("/api/v2/summary.json"):
            assert provider.format in ("statuspage", "incidentio", "instatus"), provider.name
        elif provider.feed.endswith((".rss", ".atom", ".xml")):
            assert provider.format in ("rss", "atom", "statuspage_history", "aws_rss", "google_atom"), provider.name


def test_every_endpoint_can_be_probed_and_asks_little() -> None:
    for provider in known_providers().values():
        for probe in provider.probes:
            parse_endpoint_url(probe.url)
        assert len(provider.probes) <= 12, provider.name
        assert len({probe.url for probe in provider.probes}) == len(provider.probes), provider.name
        if provider.probes:
            assert provider.zone, provider.name
        # A name below the registered one has no name servers and no registration of its own.
        assert provider.zone.count(".") in (0, 1), provider.name


def test_an_endpoint_is_expected_to_answer_as_somebody_without_an_account() -> None:
    """A success only where the page is for everybody: what needs an account refuses, and 5xx is a failure of the provider."""
    for provider in known_providers().values():
        for probe in provider.probes:
            assert all(code < 500 for code in probe.status), probe.url
            assert not probe.body or 200 in probe.status, probe.url


@pytest.mark.parametrize(
    ("name", "part", "url"),
    [
        ("stripe", "API", "https://api.stripe.com/v1/charges"),
        ("github", "Git Operations", "https://github.com/octocat/git-consortium/info/refs?service=git-upload-pack"),
        ("slack", "Apps/Integrations/APIs", "https://slack.com/api/api.test"),
        ("zoom", "Zoom Website", "https://zoom.us/signin"),
        ("azure", "frontdoor", "https://portal.azure.com/"),
        ("docker-hub", "Registry", "https://registry-1.docker.io/v2/"),
    ],
)
def test_an_endpoint_shows_the_health_of_a_part(name: str, part: str, url: str) -> None:
    assert {probe.url: probe.part for probe in known_providers()[name].probes}[url] == part


def test_an_endpoint_in_one_region_says_so() -> None:
    datadog = {probe.url: probe for probe in known_providers()["datadog"].probes}
    assert datadog["https://api.datadoghq.eu/api/v1/validate"].regions == ("eu1",)
    assert datadog["https://api.datadoghq.eu/api/v1/validate"].status == (403,)


SAME_FEED = """
acme: {feed: 'https://a.com/f', format: rss, known_good: 2026-10-06 here}
beta: {feed: 'https://a.com/f', format: rss, known_good: 2026-10-07 there}
"""


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("acme: nothing", "'nothing' is not a mapping"),
        ("Acme: {}", "a name has small letters, digits, dots and hyphens only"),
        ("acme: {pages: 'https://acme.com'}", "unknown key 'pages'"),
        ("acme: {title: [a]}", "title is not text"),
        ("acme: {cloud: 1}", "cloud is not true or false"),
        ("acme: {aliases: acme2}", "aliases is not a list"),
        ("acme: {aliases: [a, a]}", "aliases is not a list of different words"),
        ("acme: {aliases: ['Acme Inc']}", "'Acme Inc' is not an alias in small letters"),
        ("acme: {page: 'http://status.acme.com'}", "page is not an address of https"),
        ("acme: {page: 'https://status.acme.com/ x'}", "page is not an address of https"),
        ("acme: {page: 'https://10.0.0.1/'}", "is not on a public host"),
        ("acme: {page: 'https://localhost/'}", "is not on a public host"),
        ("acme: {page: 'https://status.acme.internal/'}", "is not on a public host"),
        ("acme: {zone: acme}", "'zone' is not on a public host"),
        ("acme: {feed: 'https://a.com/f', known_good: 2026-10-06 here}", "a feed and its format are given together"),
        ("acme: {feed: 'https://a.com/f', format: rss}", "a feed has known_good, and only a feed has"),
        ("acme: {known_good: 2026-10-06 here}", "a feed has known_good, and only a feed has"),
        ("acme: {feed: 'https://a.com/f', format: rss, known_good: lately here}", "not with a day such as 2026-10-06"),
        (
            "acme: {feed: 'https://a.com/f', format: rss, known_good: '2026-10-06'}",
            "write a day and where it is known from",
        ),
        ("acme: {runs_on: [aws]}", "runs_on has a basis, and only runs_on has"),
        ("acme: {runs_on: [aws], basis: x}", "runs_on has as_of, the day that its basis is from, and only runs_on has"),
        ("acme: {as_of: 2025}", "as_of is not text"),
        ('acme: {runs_on: [aws], basis: x, as_of: "2025"}', "as_of is '2025', not a day"),
        ("acme: {probes: [{url: 'ftp://acme.com'}]}", "cannot be probed"),
        ("acme: {probes: [{url: 'https://192.168.1.1/'}]}", "is not on a public host"),
        ("acme: {probes: [{url: 'https://u:p@acme.com/'}]}", "must not have a user"),
        ("acme: {probes: [{url: 'tcp://acme.com'}]}", "needs a port"),
        ("acme: {probes: [{url: 'https://acme.com/', status: [99]}]}", "99 is not an HTTP status"),
        ("acme: {probes: [{url: 'https://acme.com/', status: 200}]}", "status is not a list"),
        ("acme: {probes: [{url: 'https://acme.com/', method: POST}]}", "is probed with GET or HEAD"),
        ("acme: {probes: [{url: 'https://acme.com/', method: HEAD, body: x}]}", "expects a body of HEAD"),
        ("acme: {probes: [{url: 'dns://acme.com', status: [200]}]}", "is no web address"),
        ("acme: {probes: [{url: 'https://acme.com/', expect: 200}]}", "unknown key 'expect'"),
        ("acme: {probes: [{url: 'https://acme.com/'}, {url: 'https://acme.com/'}]}", "a probe is listed twice"),
        ("acme: {aliases: [acme]}", "acme means both acme and acme"),
        ("acme: {aliases: [beta]}\nbeta: {}", "beta means both acme and beta"),
        (SAME_FEED, "acme and beta have the same feed"),
        ("[acme]", "is not a mapping of names"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_name_and_reason(entry: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^providers\.yaml") as raised:
        read_providers(entry)
    assert said in str(raised.value)


def test_an_entry_is_read_as_it_is_written() -> None:
    text = """
acme:
  title: Acme
  zone: acme.com
  probes:
    - {url: https://api.acme.com/v1, part: API, regions: [eu], status: [401, 403], alone: false}
    - {url: https://cdn.acme.com/a.js, method: HEAD}
"""
    api, script = read_providers(text)["acme"].probes
    assert (api.part, api.regions, api.status, api.body, api.method, api.alone) == (
        "API",
        ("eu",),
        (401, 403),
        "",
        "GET",
        False,
    )
    assert (script.part, script.regions, script.status, script.method, script.alone) == ("", (), (), "HEAD", True)


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

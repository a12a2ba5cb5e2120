"""Each kind of wrong answer is named for what it is, over real connections to loopback servers."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from support.builders.posts import ManualClock
from support.fakes.dns import FakeDns
from support.harness.loopback import closed_port
from support.harness.probed_site import HTML, JSON, page, site

from bot.detection.probes.probe import Expectation, Probe
from bot.detection.probes.prober import Prober
from bot.detection.probes.record import FAMILIAR, RELEARN
from bot.detection.probes.web import WebProber
from bot.model import IncidentSeverity
from bot.model.signals import Health, Trouble
from checks import Scope

ZEROS = "0.0.0.0"  # noqa: S104 - an answer of DNS


@pytest.mark.parametrize(
    ("before", "after", "state", "trouble", "said"),
    [
        ((401,), (503,), Health.BAD, Trouble.STATUS, "HTTP 503"),
        ((401,), (403,), Health.GOOD, Trouble.NONE, ""),
        ((200,), (403,), Health.DEGRADED, Trouble.STATUS, "HTTP 403 (used to answer HTTP 200)"),
        ((401,), (404,), Health.BAD, Trouble.STATUS, "HTTP 404 (used to answer HTTP 401)"),
        ((404,), (404,), Health.GOOD, Trouble.NONE, ""),
        ((200,), (429,), Health.DEGRADED, Trouble.RATE_LIMITED, "rate limits every request"),
        ((200, '{"a": 1}', JSON), page("Welcome"), Health.BAD, Trouble.BODY, "HTML instead of JSON"),
        ((200, '{"a": 1}', JSON), (200, '{"error": "no such thing"}', JSON), Health.BAD, Trouble.BODY, "an error as the body"),
        ((200, '{"error": "no key"}', JSON), (200, '{"error": "no key"}', JSON), Health.GOOD, Trouble.NONE, ""),
        ((200, '{"a": 1}', JSON), (200, "", JSON), Health.BAD, Trouble.BODY, "an empty body instead of JSON"),
        ((200, '{"status": "UP"}', JSON), (200, '{"status": "DOWN", "db": {}}', JSON), Health.BAD, Trouble.BODY, "an error"),
        ((200, '{"status": "ok"}', JSON), (200, '{"status": "degraded"}', JSON), Health.DEGRADED, Trouble.BODY, "degraded"),
        ((200, '{"data": 1}', JSON), (200, '{"data": null, "errors": [{"message": "x"}]}', JSON), Health.BAD, Trouble.BODY, "an error"),
        ((200, '{"data": 1}', JSON), (200, '{"data": 2, "errors": []}', JSON), Health.GOOD, Trouble.NONE, ""),
        (page("Shop"), page("503 Service Unavailable"), Health.BAD, Trouble.BODY, "an error"),
        (page("Shop"), page("Error handling in 500 lines"), Health.GOOD, Trouble.NONE, ""),
        (page("Shop"), page("x", "This domain is for sale"), Health.BAD, Trouble.REDIRECT, "parked"),
    ],
)  # fmt: skip
async def test_an_answer_is_held_against_the_record(
    before: tuple[int, str, str], after: tuple[int, str, str], state: Health, trouble: Trouble, said: str
) -> None:
    async with site() as here:
        here.becomes(*before)
        await here.known()
        here.becomes(*after)
        signal = await here.look()
    assert (signal.state, signal.trouble) == (state, trouble), signal.detail
    assert said in signal.detail
    assert (signal.seconds is None) == (state is Health.BAD)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"error": "Internal server error"}', JSON),
        ('{"error": {"code": 500, "message": "upstream connect error"}}', JSON),
        ('{"message": "database timed out", "success": false}', JSON),
        ('{"status": "fail"}', JSON),
        (HTML.format("502 Bad Gateway"), "text/html"),
        (HTML.format("We'll be back soon"), "text/html"),
        ("<Error><Code>InternalError</Code><Message>Internal error</Message></Error>", "application/xml"),
    ],
)
async def test_an_error_as_the_body_is_known_without_a_record(text: str, kind: str) -> None:
    async with site() as here:
        here.becomes(200, text, kind)
        assert (await here.look()).trouble is Trouble.BODY


@pytest.mark.parametrize(
    ("before", "after", "trouble"),
    [
        ("/login", "https://parked.example.net/", Trouble.REDIRECT),
        ("https://www.localhost/", "https://elsewhere.example/", Trouble.REDIRECT),
        ("https://aws.example/sts", "https://docs.aws.example/other", Trouble.NONE),
        ("https://aws.example/sts", "//[broken", Trouble.NONE),
    ],
)
async def test_a_redirect_to_another_domain_than_before(before: str, after: str, trouble: Trouble) -> None:
    async with site() as here:
        here.becomes(302, Location=before)
        await here.known()
        here.becomes(302, Location=after)
        assert (await here.look()).trouble is trouble


async def test_a_parking_service_needs_no_record_and_an_expected_status_none_either() -> None:
    async with site() as here:
        here.becomes(302, Location="https://www.sedoparking.com/shop")
        assert "parked page at sedoparking.com" in (await here.look()).detail
        here.becomes(302, Location="https://elsewhere.example/")
        assert (await here.look(Expectation(frozenset({200})))).trouble is Trouble.REDIRECT


@pytest.mark.parametrize(
    ("expect", "text", "said"),
    [
        (
            Expectation(body="OK"),
            '{"error": "database unavailable"}',
            "with an error as the body, without the expected text",
        ),
        (
            Expectation(body="ok"),
            '{"ok": false, "error": "database unavailable"}',
            "HTTP 200 with an error as the body",
        ),
        (Expectation(frozenset({204})), '{"error": "database unavailable"}', "HTTP 200 with an error as the body"),
        (Expectation(frozenset({401})), '{"user": 1}', "HTTP 200 instead of HTTP 401"),
    ],
)
async def test_what_came_instead_of_what_is_expected_is_named(expect: Expectation, text: str, said: str) -> None:
    async with site() as here:
        here.becomes(200, '{"ok": true, "state": "OK"}', JSON)
        await here.known()
        here.becomes(200, text, JSON)
        signal = await here.look(expect)
        assert signal.state is Health.BAD
        assert said in signal.detail


async def test_an_expected_text_in_what_was_always_called_an_error_is_good() -> None:
    async with site() as here:
        here.becomes(200, '{"status": "down", "region": "eu"}', JSON)
        for _ in range(FAMILIAR + 1):
            assert (await here.look(Expectation(body='"region"'))).state is Health.GOOD


async def test_what_a_target_answers_for_a_day_is_what_it_answers_now() -> None:
    async with site() as here:
        await here.known()
        here.becomes(404)
        assert (await here.look()).state is Health.BAD
        here.clock.at += timedelta(seconds=RELEARN + 60)
        assert (await here.look()).state is Health.GOOD


async def test_only_the_first_attempt_failed() -> None:
    async with site() as here:
        await here.known()
        here.cuts = 1
        signal = await here.look()
        assert (signal.state, signal.retried, signal.trouble) == (Health.GOOD, True, Trouble.NONE)
        here.cuts = 2
        signal = await here.look()
        assert (signal.state, signal.retried, signal.trouble) == (Health.BAD, False, Trouble.CONNECT)
        assert not (await here.look()).retried


@pytest.mark.parametrize(
    ("days", "said"), [(5, "certificate ends in 5 days"), (1, "certificate ends in 1 day"), (60, "")]
)
async def test_a_certificate_about_to_end_is_named_and_alerts_nobody(days: int, said: str) -> None:
    authority, clock = trustme.CA(), ManualClock(datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ends = clock.at + timedelta(days=days, hours=1)
    authority.issue_cert("localhost", not_after=ends).configure_cert(context)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    async with site(context, trust) as here, WebProber(trust).opened() as opened:
        signal = await Prober(opened, clock=clock, sleep=clock.sleep).observe(here.probe)
        tls = await Prober(opened, clock=clock, sleep=clock.sleep).observe(replace(here.probe, kind="tls"))
    assert here.requests == 1  # nothing to look at again
    for each in (signal, tls):
        assert said in each.detail
        assert each.trouble is (Trouble.EXPIRING if said else Trouble.NONE)
        assert each.severity is (IncidentSeverity.MINOR if said else IncidentSeverity.MAJOR)
        assert each.seconds


@pytest.mark.parametrize(
    ("public", "before", "after", "trouble"),
    [
        (False, "", "127.0.0.1", Trouble.NONE),
        (False, "", ZEROS, Trouble.ADDRESS),
        (False, "10.0.0.7", "10.1.0.8", Trouble.NONE),
        (False, "93.184.216.34", "127.0.0.1", Trouble.ADDRESS),
        (False, "93.184.216.34", "10.0.0.1", Trouble.ADDRESS),
        (False, "93.184.216.34", "151.101.1.195", Trouble.NONE),
        (True, "", "93.184.216.34", Trouble.NONE),
    ],
)
async def test_addresses_at_which_a_host_cannot_be(public: bool, before: str, after: str, trouble: Trouble) -> None:
    clock = ManualClock()
    async with FakeDns(ip=before).running() as server, WebProber().opened() as opened:
        probe = Probe(Scope("shop"), "dns", "shop.example", resolver=server.resolver, public=public)
        prober = Prober(opened, clock=clock, sleep=clock.sleep)
        if before:
            assert (await prober.observe(probe)).state is Health.GOOD
        server.ip = after
        signal = await prober.observe(probe)
    assert signal.trouble is trouble, signal.detail
    assert (after in signal.detail) == (trouble is not Trouble.NONE)


async def test_the_zone_of_a_domain() -> None:
    clock = ManualClock()
    async with FakeDns().running() as server, WebProber().opened() as opened:
        probe = Probe(Scope("shop"), "dns", "shop.example", resolver=server.resolver, asks="SOA")
        prober = Prober(opened, clock=clock, sleep=clock.sleep)
        good = await prober.observe(probe)
        server.manner = "nxdomain"
        gone = await prober.observe(probe)
    assert (good.source, good.state, good.seconds is not None) == ("dns:shop.example/SOA", Health.GOOD, True)
    assert (gone.state, gone.trouble) == (Health.BAD, Trouble.DNS)
    assert "does not exist" in gone.detail


async def test_what_other_paths_do_as_well_only_degrades() -> None:
    clock = ManualClock()
    async with WebProber().opened() as opened:
        probe = Probe(Scope("shop"), "tcp", "127.0.0.1", closed_port(), alone=False, part="API")
        signal = await Prober(opened, clock=clock, sleep=clock.sleep).observe(probe)
    assert (signal.state, signal.trouble, signal.parts) == (Health.DEGRADED, Trouble.CONNECT, ("API",))

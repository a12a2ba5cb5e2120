"""Endpoints of one's own in backstay.yaml: what may be asked of them, and what is told of a mistake."""

from pathlib import Path

import pytest

from bot.app.settings import Settings, load
from bot.app.wiring.probes import ProbeRunner
from bot.catalogue import ConfigError
from bot.detection.probes.probe import Probe, Resolver, parse_resolver
from bot.model import utc_now


def settings(folder: Path, endpoint: str, env: dict[str, str] | None = None, watch: str = "{}") -> Settings:
    path = folder / "backstay.yaml"
    path.write_text(f"services: [{{name: checkout, tier: 1}}]\nwatch: {watch}\nendpoints:\n  - {endpoint}\n")
    return load(path, {"HOME": str(folder), **(env or {})})


def looks(made: Settings) -> list[Probe]:
    return [probe for probe in ProbeRunner(made, utc_now).probes(()) if not probe.control]


def test_headers_are_sent_by_reference_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    endpoint = (
        "{url: 'https://shop.example.com/health', about: checkout, method: HEAD, "
        "headers: {Authorization: env:SHOP_TOKEN, X-Key: file:key, Accept: text/html}}"
    )
    made = settings(tmp_path, endpoint, {"SHOP_TOKEN": "Bearer s3cret"})
    (probe,) = looks(made)
    assert (probe.method, dict(probe.headers)) == (
        "HEAD",
        {"Authorization": "Bearer s3cret", "X-Key": "from-a-file", "Accept": "text/html"},
    )
    assert "s3cret" not in repr(probe) + str(made.endpoints) + probe.source


def test_a_secret_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    made = settings(tmp_path, "{url: 'https://a.example.com', about: checkout, headers: {Authorization: env:NOBODY}}")
    with pytest.raises(ConfigError, match="NOBODY is not set"):
        looks(made)


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("{url: 'ftp://a.example.com', about: checkout}", "write http, https, tcp, tls or dns before ://"),
        ("{url: 'a.example.com', about: checkout}", "write http, https, tcp, tls or dns before ://"),
        ("{url: 'tcp://a.example.com', about: checkout}", "needs a port, such as tcp://host:5432"),
        ("{url: 'https://a.example.com:99999', about: checkout}", "is not a valid address"),
        ("{url: 'https:///x', about: checkout}", "has no host"),
        ("{url: 'https://me:pw@a.example.com', about: checkout}", "a password in an address"),
        ("{url: 'https://a.example.com?token=abcdefghi', about: checkout}", "looks like a signed address"),
        (
            "{url: 'https://a.example.com', about: chekout}",
            "unknown service, provider or scope 'chekout'; did you mean 'checkout'",
        ),
        (
            "{url: 'https://a.example.com', about: checkout, headers: {Authorization: Bearer abc}}",
            "write Authorization: env:NAME",
        ),
        ("{url: 'https://a.example.com', about: checkout, headers: {'a b': env:X}}", "is not a valid header name"),
        ("{url: 'https://a.example.com', about: checkout, method: POST}", "method"),
        ("{url: 'https://a.example.com', about: checkout, method: HEAD, body: ok}", "a HEAD response has no body"),
        ("{url: 'tcp://a.example.com:1', about: checkout, body: ok}", "body need an http(s) URL"),
        ("{url: 'dns://a.example.com', about: checkout, latency: 1}", "latency is not measured"),
        ("{url: 'https://a.example.com', about: checkout, status: [99]}", "status"),
        ("{url: 'https://a.example.com', about: checkout, latency: 0}", "latency"),
        ("{url: 'https://a.example.com'}", "about"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, endpoint: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        settings(tmp_path, endpoint)
    assert said in str(told.value)
    assert "backstay.yaml:4" in str(told.value)
    assert "abcdefghi" not in str(told.value)
    assert "Bearer abc" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("1.1.1.1", Resolver("1.1.1.1")),
        ("127.0.0.1:5353", Resolver("127.0.0.1", 5353)),
        ("2606:4700::1111", Resolver("2606:4700::1111")),
        ("[::1]:5353", Resolver("::1", 5353)),
    ],
)
def test_a_resolver_is_read(text: str, made: Resolver) -> None:
    assert parse_resolver(text) == made


@pytest.mark.parametrize("text", ["dns.google", "1.1.1.1:x", "1.1.1.1:0", ""])
def test_what_is_no_resolver(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="is not the address of a DNS server"):
        parse_resolver(text)
    if text:
        with pytest.raises(ConfigError, match="is not the address of a DNS server"):
            settings(tmp_path, "{url: 'https://a.example.com', about: checkout}", watch=f"{{resolvers: ['{text}']}}")


@pytest.mark.parametrize(
    ("watch", "where"),
    [
        ("{interval: 0s}", "watch.interval"),
        ("{interval: 1h}", "watch.interval"),
        ("{canaries: {interval: 1s}}", "watch.canaries.interval"),
        ("{canaries: {regions: [us-esat-1]}}", "watch.canaries.regions"),
        ("{escalate_after: 0s}", "watch.escalate_after"),
    ],
)
def test_what_would_run_hot_or_never_is_refused(tmp_path: Path, watch: str, where: str) -> None:
    with pytest.raises(ConfigError, match=where.replace(".", r"\.")):
        settings(tmp_path, "{url: 'https://a.example.com', about: checkout}", watch=watch)


def test_what_loads_but_deserves_a_look(tmp_path: Path) -> None:
    watch = "{canaries: {accounts: ['111122223333']}, controls: [example.com]}"
    made = settings(tmp_path, "{url: 'https://a.example.com', about: checkout}", watch=watch)
    told = [warning.where for warning in made.catalogue.warnings]
    assert {"watch.canaries.accounts", "watch.controls"} <= set(told)

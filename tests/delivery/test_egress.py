"""Nothing leaves for a place that was not allowed: by name when the route is built, by address when it connects."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support.builders.posts import context, message
from support.fakes.receivers import Receiver
from support.harness.command_line import command_line

from bot.app.jobs.heartbeat import Heartbeat
from bot.app.settings import load
from bot.catalogue import ConfigError
from bot.delivery.routing.registry import build
from bot.model import Refused, RouteSpec
from bot.net.egress import EgressPolicy, ForbiddenError, UnresolvableError
from bot.net.http import RouteError

STRICT = EgressPolicy()
LISTED = EgressPolicy(("hooks.example.com", "*.logic.azure.com"))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - refused, not bound
        "224.0.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "2002:0a00:0001::1",
        "::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "fec0::1",
    ],
)
def test_private_addresses_are_refused_unless_that_was_said(host: str) -> None:
    with pytest.raises(ForbiddenError, match="private"):
        STRICT.check(host)
    STRICT.check(host, private=True)
    EgressPolicy(private=True).check(host)


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:0808:0808::1"]
)
def test_public_addresses_are_let_through_in_whatever_form(host: str) -> None:
    STRICT.check(host)


def test_the_list_names_hosts_and_what_is_below_one() -> None:
    for host in ("hooks.example.com", "HOOKS.example.com.", "prod-7.westeurope.logic.azure.com"):
        LISTED.check(host)
    for host in ("example.com", "evil-hooks.example.com", "logic.azure.com.evil.example", "logic.azure.com", "8.8.8.8"):
        with pytest.raises(ForbiddenError, match=r"outgoing\.allow"):
            LISTED.check(host)
    with pytest.raises(ForbiddenError, match=r"outgoing\.allow"):
        EgressPolicy(("hooks.example.com",), private=True).check("127.0.0.1")


async def test_a_name_is_judged_by_where_it_leads() -> None:
    # Every machine has a name for itself that leads to no public address.
    with pytest.raises(ForbiddenError, match="private address"):
        await STRICT.addresses("ip6-localhost" if _known("ip6-localhost") else socket.gethostname(), 443)
    assert await EgressPolicy(private=True).addresses("localhost", 80)
    with pytest.raises(UnresolvableError):
        await STRICT.addresses("nobody.invalid", 443)


def _known(name: str) -> bool:
    try:
        return bool(socket.getaddrinfo(name, 443))
    except OSError:
        return False


ROUTES: dict[str, Mapping[str, Any]] = {
    "webhook": {"url": "https://{host}/hook"},
    "teams_workflow": {"url": "https://{host}/workflow"},
    "pagerduty": {"routing_key": "key", "url": "https://{host}/v2/enqueue"},
    "email": {"to": "a@example.com", "sender": "b@example.com", "host": "{host}"},
    "apprise": {"url": "json://{host}/notify"},
}


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's import
@pytest.mark.parametrize("kind", ROUTES)
def test_a_route_to_elsewhere_is_told_when_it_is_built(kind: str) -> None:
    def to(host: str, outgoing: EgressPolicy) -> None:
        options = {key: value.format(host=host) for key, value in ROUTES[kind].items()}
        build(RouteSpec(kind, f"{kind}:it", options), context(outgoing=outgoing))

    to("hooks.example.com", LISTED)
    with pytest.raises(RouteError, match=rf"route {kind}:it: elsewhere\.example is not among"):
        to("elsewhere.example", LISTED)
    with pytest.raises(RouteError, match="private address"):
        to("10.0.0.7", STRICT)


@pytest.mark.parametrize("kind", ["webhook", "teams_workflow", "email"])
async def test_a_name_that_was_moved_to_a_private_place_is_not_connected_to(kind: str) -> None:
    name = "ip6-localhost" if _known("ip6-localhost") else socket.gethostname()
    options = {key: value.format(host=name) for key, value in ROUTES[kind].items()}
    route = build(RouteSpec(kind, f"{kind}:it", options), context(outgoing=STRICT))
    result = await route.send(message(), 1)
    assert isinstance(result, Refused)
    assert "private address" in result.reason


async def test_the_heartbeat_stays_within_bounds() -> None:
    async def fine() -> list[str]:
        return []

    async with Receiver().running() as elsewhere:
        assert not await Heartbeat(elsewhere.url, fine).beat()
        assert elsewhere.asked == 0


@pytest.mark.parametrize("written", ["https://hooks.example.com", "hooks.example.com/path", "*", "a b"])
def test_what_is_no_host_is_told(tmp_path: Path, written: str) -> None:
    path = tmp_path / "backstay.yaml"
    path.write_text(f'outgoing: {{allow: ["{written}"]}}\n')
    with pytest.raises(ConfigError, match=r"outgoing\.allow.*is not a host"):
        load(path, {})
    path.write_text('outgoing: {allow: ["*.logic.azure.com"]}\n')
    assert load(path, {}).outgoing == EgressPolicy(("*.logic.azure.com",))


def test_a_mail_relay_of_ones_own_is_allowed_for_itself(tmp_path: Path) -> None:
    path = tmp_path / "backstay.yaml"
    mail = "{to: a@example.com, sender: b@example.com, host: 10.0.0.25, allow_private: true}"
    path.write_text(f"audiences: {{payments: {{routes: [{{email: {mail}}}]}}}}\n")
    (spec,) = load(path, {}).catalogue.routes
    assert build(spec, context(outgoing=STRICT)).kind == "email"


async def test_the_doctor_says_which_addresses_are_refused(tmp_path: Path) -> None:
    backstay = command_line(tmp_path, "http://127.0.0.1:9")
    backstay.write(
        "organisation: Acme\nservices: []\nheartbeat: env:BEAT\n"
        "audiences: {ops: {routes: [{webhook: {url: 'https://10.0.0.7/in'}}]}}\n"
    )
    ran = await backstay.run("doctor", "--no-read", BEAT="https://10.0.0.8/a-secret", COLUMNS="200")
    assert ran.code == 1
    assert "10.0.0.7 leads to a private address" in ran.out
    assert "10.0.0.8 leads to a private address" in ran.out
    assert "a-secret" not in ran.out + ran.err

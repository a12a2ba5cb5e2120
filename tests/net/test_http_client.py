"""The guarded HTTP client against real servers on loopback: one lookup, pinned connections, checked redirects, bounds."""

import ssl
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import trustme
from support.fakes.http_site import Site
from support.harness.loopback import closed_port, serving
from support.harness.resolving import UNROUTED, Resolver

from bot.net.egress import EgressPolicy, ForbiddenError, NetworkError, PrivateAddressError, UnresolvableError
from bot.net.http_client import (
    BrokenConnectionError,
    HttpClient,
    HttpRequest,
    InvalidAddressError,
    RedirectError,
    TimedOutError,
    UnreachableError,
)

SECRET = "s3cret-of-the-address"
SOON = timedelta(seconds=0.4)


async def test_the_connection_goes_to_the_address_that_was_looked_up_and_keeps_the_name(site: tuple[Site, int]) -> None:
    served, port = site
    resolver = Resolver(status_example=[["127.0.0.1"]])
    async with HttpClient(resolver=resolver) as client:
        for _ in range(3):
            answer = await client.request(HttpRequest(f"http://status.example:{port}/", private=True))
            assert (answer.status, answer.body) == (200, b"fine")
    assert [request.headers["Host"] for request in served.asked] == [f"status.example:{port}"] * 3
    assert resolver.asked == ["status.example"], "a connection that is kept needs no second lookup"


async def test_a_name_that_changes_after_the_check_is_not_followed(site: tuple[Site, int]) -> None:
    served, port = site
    resolver = Resolver(status_example=[[UNROUTED], ["127.0.0.1"]])
    async with HttpClient(resolver=resolver) as client:
        with pytest.raises((UnreachableError, TimedOutError)):
            await client.request(HttpRequest(f"http://status.example:{port}/", timeout=SOON))
        assert resolver.asked == ["status.example"]
        with pytest.raises(PrivateAddressError):
            await client.request(HttpRequest(f"http://status.example:{port}/", timeout=SOON))
    assert served.asked == []


async def test_one_private_address_among_public_ones_is_refused(site: tuple[Site, int]) -> None:
    served, port = site
    async with HttpClient(resolver=Resolver(status_example=[[UNROUTED, "127.0.0.1"]])) as client:
        with pytest.raises(PrivateAddressError):
            await client.request(HttpRequest(f"http://status.example:{port}/"))
    assert served.asked == []


async def test_a_connection_to_a_private_address_serves_no_request_that_may_not_use_one(site: tuple[Site, int]) -> None:
    served, port = site
    async with HttpClient(resolver=Resolver(status_example=[["127.0.0.1"]])) as client:
        await client.request(HttpRequest(f"http://status.example:{port}/", private=True))
        with pytest.raises(PrivateAddressError):
            await client.request(HttpRequest(f"http://status.example:{port}/"))
    assert len(served.asked) == 1


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "[::1]", "localhost", "a.localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"),
        *("169.254.169.254", "168.63.129.16", "192.0.0.192", "metadata.google.internal", "METADATA.google.internal."),
    ],
)
async def test_a_private_host_is_refused_however_it_is_written(host: str) -> None:
    async with HttpClient() as client:
        with pytest.raises(PrivateAddressError):
            await client.request(HttpRequest(f"http://{host}:9/"))


async def test_the_next_address_is_tried_where_one_takes_no_connection(site: tuple[Site, int]) -> None:
    served, port = site
    async with HttpClient(resolver=Resolver(status_example=[["127.0.0.2", "127.0.0.1"]])) as client:
        await client.request(HttpRequest(f"http://status.example:{port}/", private=True))
    assert len(served.asked) == 1


async def test_tls_is_verified_for_the_name_and_names_do_not_share_connections() -> None:
    authority, trust = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trust)
    here = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("status.example").configure_cert(here)
    names: list[str | None] = []
    here.sni_callback = lambda _, name, __: names.append(name)
    served = Site()
    async with serving(served.app(), here) as root:
        resolver = Resolver(status_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
        async with HttpClient(resolver=resolver, trust=trust) as client:
            port = urlsplit(root).port
            assert (await client.request(HttpRequest(f"https://status.example:{port}/", private=True))).good
            with pytest.raises(UnreachableError):
                await client.request(HttpRequest(f"https://other.example:{port}/", private=True))
        async with HttpClient(resolver=resolver) as client:
            with pytest.raises(UnreachableError):
                await client.request(HttpRequest(f"https://status.example:{port}/", private=True))
    assert names == ["status.example", "other.example", "status.example"]
    assert len(served.asked) == 1


async def test_redirects_are_followed_only_where_asked(site: tuple[Site, int]) -> None:
    served, port = site
    request = HttpRequest(f"http://127.0.0.1:{port}/to?/there", private=True)
    async with HttpClient() as client:
        answer = await client.request(request)
        assert (answer.status, answer.headers["location"]) == (302, "/there")
        assert len(served.asked) == 1
        followed = HttpRequest(request.url, private=True, redirects=1)
        assert (await client.request(followed)).body == b"fine"
        posted = HttpRequest(request.url, "POST", body=b"x", private=True, redirects=1)
        assert (await client.request(posted)).status == 302


@pytest.mark.parametrize(
    "host", ["localhost", "metadata.google.internal", "inside.example", "169.254.169.254", "[::1]", "10.1.2.3"]
)
async def test_a_redirect_is_checked_like_the_first_address(host: str, site: tuple[Site, int]) -> None:
    served, port = site
    resolver = Resolver(
        wiki_example=[["127.0.0.1"]], inside_example=[["127.0.0.1"]], localhost=[["127.0.0.1"]],
        metadata_google_internal=[["127.0.0.1"]],
    )  # fmt: skip
    async with HttpClient(resolver=resolver) as client:
        url = f"http://wiki.example:{port}/to?http://{host}:{port}/inside"
        with pytest.raises(PrivateAddressError):
            await client.request(HttpRequest(url, private=True, redirects=3))
    assert [request.path for request in served.asked] == ["/to"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://example.com/", "http://[::1"])
async def test_a_redirect_to_something_else_than_http_is_refused(target: str, site: tuple[Site, int]) -> None:
    served, port = site
    async with HttpClient() as client:
        with pytest.raises(RedirectError, match="not http or https"):
            await client.request(HttpRequest(f"http://127.0.0.1:{port}/to?{target}", private=True, redirects=3))
    assert len(served.asked) == 1


async def test_redirects_in_circles_end(site: tuple[Site, int]) -> None:
    served, port = site
    url = f"http://127.0.0.1:{port}/to?/to"
    async with HttpClient() as client:
        with pytest.raises(RedirectError, match="redirects more than 2 times"):
            await client.request(HttpRequest(f"{url}?/to?/to?/to", private=True, redirects=2))
    assert len(served.asked) == 3


async def test_credentials_go_to_their_own_origin_alone(site: tuple[Site, int]) -> None:
    served, port = site
    resolver = Resolver(one_example=[["127.0.0.1"]], two_example=[["127.0.0.1"]])
    url = f"http://me:{SECRET}@one.example:{port}/to?http://you:theirs@two.example:{port}/"
    request = HttpRequest(
        url, headers={"X-Open": "1"}, credentials={"X-Key": SECRET}, private=True, private_redirects=True, redirects=1
    )
    async with HttpClient(resolver=resolver) as client:
        await client.request(request)
    first, second = served.asked
    assert first.headers["X-Key"] == SECRET
    assert first.headers["Authorization"].startswith("Basic ")
    assert second.headers["X-Open"] == "1"
    assert "X-Key" not in second.headers
    assert "Authorization" not in second.headers
    assert second.headers["Host"] == f"two.example:{port}"
    assert SECRET not in repr(request)


FAILURES = [
    ("http://127.0.0.1:{port}/late?" + SECRET, TimedOutError, "127.0.0.1 did not answer in time"),
    ("http://127.0.0.1:{port}/trickle?" + SECRET, TimedOutError, "127.0.0.1 did not answer in time"),
    ("http://127.0.0.1:{port}/cut?" + SECRET, BrokenConnectionError, "127.0.0.1 closed the connection early"),
    ("http://127.0.0.1:{closed}/?" + SECRET, UnreachableError, "127.0.0.1 cannot be reached (connection refused)"),
    (f"http://me:{SECRET}@nowhere.example/{SECRET}", UnresolvableError, "DNS lookup of nowhere.example failed"),
    (f"ftp://example.com/{SECRET}", InvalidAddressError, "this is not an http or https address"),
    (f"http://[::1/{SECRET}", InvalidAddressError, "this is not an http or https address"),
    (f"http:///{SECRET}", InvalidAddressError, "this is not an http or https address"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "error", "text"), FAILURES, ids=[f"{case[1].__name__}-{case[0][:30]}" for case in FAILURES]
)
async def test_a_failure_names_host_and_reason_alone(
    url: str, error: type[NetworkError], text: str, site: tuple[Site, int]
) -> None:
    url = url.replace("{port}", str(site[1])).replace("{closed}", str(closed_port()))
    async with HttpClient(resolver=Resolver(**{"127_0_0_1": [["127.0.0.1"]]})) as client:
        with pytest.raises(error) as raised:
            await client.request(HttpRequest(url, private=True, timeout=SOON))
    # Which of the two a connection that is cut shows as is up to the system.
    assert str(raised.value).replace("ReadError", "RemoteProtocolError") == text
    assert raised.value.__cause__ is None
    assert SECRET not in f"{raised.value!r} {raised.value.reason}"


async def test_no_proxy_of_the_environment_is_used(site: tuple[Site, int], monkeypatch: pytest.MonkeyPatch) -> None:
    served, port = site
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with HttpClient() as client:
        await client.request(HttpRequest(f"http://127.0.0.1:{port}/", private=True))
    assert len(served.asked) == 1


async def test_the_list_of_allowed_hosts_holds_for_redirects_too(site: tuple[Site, int]) -> None:
    _, port = site
    policy = EgressPolicy(("one.example",), private=True)
    resolver = Resolver(one_example=[["127.0.0.1"]], two_example=[["127.0.0.1"]])
    async with HttpClient(policy, resolver=resolver) as client:
        url = f"http://one.example:{port}/to?http://two.example:{port}/"
        with pytest.raises(ForbiddenError, match=r"two\.example is not among outgoing\.allow"):
            await client.request(HttpRequest(url, redirects=1))
    assert resolver.asked == ["one.example"]

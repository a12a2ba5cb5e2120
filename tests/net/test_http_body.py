"""Bodies of the guarded HTTP client: unpacked, and bounded however they come."""

import gzip
import zlib

import pytest
from support.fakes.http_site import Site

from bot.net.egress import NetworkError
from bot.net.http_body import TooLargeError, UndecodableError
from bot.net.http_client import (
    HttpClient,
    HttpRequest,
)


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"some text", mtime=0)),
        ("gzip", gzip.compress(b"some ", mtime=0) + gzip.compress(b"text", mtime=0)),
        ("deflate", zlib.compress(b"some text")),
        ("deflate", raw_deflate(b"some text")),
        ("identity", b"some text"),
    ],
    ids=["gzip", "two members", "deflate", "bare deflate", "identity"],
)
async def test_a_body_is_unpacked(encoding: str, packed: bytes, site: tuple[Site, int]) -> None:
    served, port = site
    served.body, served.headers = packed, {"Content-Encoding": encoding}
    async with HttpClient() as client:
        assert (await client.request(HttpRequest(f"http://127.0.0.1:{port}/", private=True))).body == b"some text"


@pytest.mark.parametrize(
    ("encoding", "packed", "error"),
    [
        ("", b"x" * 1001, TooLargeError),
        ("gzip", gzip.compress(b"x" * 1001, mtime=0), TooLargeError),
        ("deflate", zlib.compress(b"x" * 50_000_000), TooLargeError),
        ("gzip", gzip.compress(b"", mtime=0) * 30, UndecodableError),
        ("gzip", b"this is not packed", UndecodableError),
        ("gzip", gzip.compress(b"x" * 1000, mtime=0)[:-9], UndecodableError),
        ("br", b"anything", UndecodableError),
    ],
    ids=["long", "packed", "bomb", "members", "not packed", "cut", "unknown"],
)
async def test_a_body_is_bounded_also_once_unpacked(
    encoding: str, packed: bytes, error: type[NetworkError], site: tuple[Site, int]
) -> None:
    served, port = site
    served.body, served.headers = packed, {"Content-Encoding": encoding} if encoding else {}
    async with HttpClient() as client:
        most = 1000 if len(packed) < 2000 else 60_000
        with pytest.raises(error):
            await client.request(HttpRequest(f"http://127.0.0.1:{port}/", private=True, most_bytes=most))


async def test_a_body_that_is_announced_as_too_large_is_not_read_at_all(site: tuple[Site, int]) -> None:
    served, port = site
    served.headers = {"Content-Length": "1000000000000"}  # which never comes
    async with HttpClient() as client:
        with pytest.raises(TooLargeError):
            await client.request(HttpRequest(f"http://127.0.0.1:{port}/", private=True, most_bytes=1000))


async def test_a_body_without_a_length_is_bounded_as_it_comes(site: tuple[Site, int]) -> None:
    _, port = site
    async with HttpClient() as client:
        with pytest.raises(TooLargeError):
            await client.request(HttpRequest(f"http://127.0.0.1:{port}/trickle", private=True, most_bytes=2))


async def test_a_discarded_body_is_not_read_to_its_end(site: tuple[Site, int]) -> None:
    served, port = site
    served.body = b"x" * 5_000_000
    async with HttpClient() as client:
        answer = await client.request(HttpRequest(f"http://127.0.0.1:{port}/", private=True, discard=True))
    assert (answer.status, answer.body) == (200, b"")

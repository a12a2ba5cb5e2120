"""The routes for when nothing else works: a file, standard output, and what Apprise knows."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.builders.posts import ManualClock, context, message
from support.fakes.misbehaving import hang, status
from support.fakes.receivers import Receiver
from support.harness.loopback import closed_port

from bot.delivery.routing.registry import build
from bot.model import Refused, Retry, Route, RouteSpec, Sent
from bot.net.http import RouteError

# One of its plugins imports a module that Python is about to drop.
quiet_import = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")


def to_file(path: Path | str) -> Route:
    return build(RouteSpec("file", "file:it", {"path": str(path)}), context(clock=ManualClock()))


async def test_each_message_is_a_line_of_json(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "backstay.jsonl"
    odd = message("m2", title="half a pair \ud83d\nnext line")
    for post in (message(), odd):
        assert isinstance(await to_file(path).send(post, 1), Sent)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["id"] for line in lines] == ["m1", "m2"]
    assert lines[0]["at"] == "2026-11-23T09:00:00+00:00"
    assert "Fix the backups first." in lines[0]["text"]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_file_moved_away_is_begun_anew(tmp_path: Path) -> None:
    route, path = to_file(tmp_path / "a.jsonl"), tmp_path / "a.jsonl"
    await route.send(message(), 1)
    path.rename(tmp_path / "a.1")
    assert isinstance(await route.send(message("m2"), 1), Sent)
    assert json.loads(path.read_text())["id"] == "m2"


async def test_a_full_disk_is_worth_another_try() -> None:
    result = await to_file("/dev/full").send(message(), 1)
    assert result == Retry("could not write to /dev/full: No space left on device")


async def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    assert isinstance(await to_file(tmp_path).send(message(), 1), Refused)
    assert isinstance(await to_file(tmp_path / "a").send(message(card={"blocks": 7}), 1), Refused)


async def test_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert isinstance(await to_file("-").send(message(), 1), Sent)
    assert json.loads(capfdbinary.readouterr().out)["id"] == "m1"


def to_apprise(url: str) -> Route:
    return build(RouteSpec("apprise", "apprise:it", {"url": "env:URL"}), context(secret={"env:URL": url}.__getitem__))


@quiet_import
async def test_apprise_posts_once_and_only_says_whether_it_worked() -> None:
    async with Receiver().running() as hook:
        route = to_apprise(hook.url.replace("http", "json") + "?retry=3&key=T0pS3cret")
        assert isinstance(await route.send(message(), 1), Sent)
        said = hook.received[0].json
        assert said["title"] == "Billing scores 72"
        assert "Fix the backups first." in said["message"]
        for trouble in (status(500), status(404), hang()):
            asked = hook.asked
            hook.script("hook", trouble)
            result = await route.send(message(), 1)
            assert isinstance(result, Retry)
            assert result.ambiguous
            assert hook.asked == asked + 1
            assert "T0pS3cret" not in repr((result, route, route.platform))


@quiet_import
async def test_apprise_where_nobody_listens_and_with_a_broken_card() -> None:
    route = to_apprise(f"json://127.0.0.1:{closed_port()}/hook")
    assert isinstance(await route.send(message(), 1), Retry)
    assert isinstance(await route.send(message(card={"blocks": 7}), 1), Refused)


@quiet_import
@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("pigeon://T0pS3cret@roof", "Apprise does not support this url"),
        ("ntfys://T0pS3cret@ntfy.example.com/one/two", "2 targets"),
    ],
)
def test_an_address_that_is_not_one_target_is_told(url: str, told: str) -> None:
    with pytest.raises(RouteError, match=told) as error:
        to_apprise(url)
    assert "T0pS3cret" not in str(error.value)


def test_without_the_extra_the_route_says_how_to_get_it() -> None:
    code = """
import sys
sys.modules["apprise"] = None
from bot.model import RouteSpec
from bot.delivery.routing.context import RouteContext
from bot.delivery.routing.registry import build_all
print(build_all([RouteSpec("apprise", "apprise:it", {"url": "json://x"})], RouteContext(str))[1][0])
"""
    root = Path(__file__).parents[2]
    said = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", code], cwd=root, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "route apprise:it: Apprise is not installed; run `pip install backstay[apprise]`"

"""The Teams app package: what Microsoft's schema asks for, and what is in it."""

import io
import json
import os
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from jsonschema import Draft4Validator
from support.harness.command_line import command_line

from bot.chat.command import commands
from bot.chat.teams.manifest import icons, manifest, package

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "tests/browser/node_modules/@microsoft/app-manifest/build/json-schemas/teams"
SCHEMA = SCHEMAS / "v1.30" / "MicrosoftTeams.schema.json"
APP = "11111111-2222-4333-8444-555555555555"


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and RGBA of a PNG without filters."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, data, width, height = 8, b"", 0, 0
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        if kind == b"IHDR":
            width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", body)
            assert (depth, colour) == (8, 6)
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    return width, height, zlib.decompress(data)


@pytest.mark.parametrize(
    "made", [manifest(), manifest(APP, url="https://backstay.acme.example:8443", organisation="Acme")]
)
def test_it_is_valid_against_microsofts_newest_schema(made: dict[str, object]) -> None:
    if not SCHEMA.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("npm ci in tests/browser is missing")
        pytest.skip("not held against Microsoft's schema: npm ci in tests/browser is missing")
    errors = Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(made)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []
    assert made["manifestVersion"] == "1.30"


def test_it_offers_what_everybody_may_ask_in_every_scope() -> None:
    (bot,) = manifest(APP)["bots"]
    assert bot["botId"] == APP
    (listed,) = bot["commandLists"]
    assert listed["scopes"] == bot["scopes"] == ["personal", "team", "groupChat"]
    titles = [command["title"] for command in listed["commands"]]
    assert len(titles) <= 12
    assert {"scorecard", "whatif", "help", "status"} <= set(titles) <= set(commands())


def test_the_icons_have_the_sizes_and_colours_that_teams_wants() -> None:
    width, height, _ = pixels(icons()["color.png"])
    assert (width, height) == (192, 192)
    width, height, drawn = pixels(icons()["outline.png"])
    assert (width, height) == (32, 32)
    rows = [drawn[at * 129 + 1 : (at + 1) * 129] for at in range(32)]
    dots = [row[at : at + 4] for row in rows for at in range(0, 128, 4)]
    assert {dot[:3] for dot in dots} == {b"\xff\xff\xff"}, "white alone"
    assert {dot[3] for dot in dots} > {0, 255}, "on nothing"


def test_the_files_in_the_repository_are_these() -> None:
    folder = ROOT / "manifest" / "teams"
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8")) == manifest()
    assert pixels((folder / "color.png").read_bytes()) == pixels(icons()["color.png"])
    assert pixels((folder / "outline.png").read_bytes()) == pixels(icons()["outline.png"])


async def test_the_command_writes_a_package_for_these_settings(tmp_path: Path) -> None:
    shell = command_line(tmp_path, "http://127.0.0.1:9")
    shell.write(
        f"organisation: Acme\nweb: {{public_url: https://b.acme.example}}\nteams: {{app_id: {APP}, tenant_id: t}}\n"
    )
    ran = await shell.run("manifest", "teams", "--output", "backstay.zip")
    assert ran.code == 0, ran.err
    with zipfile.ZipFile(io.BytesIO((tmp_path / "backstay.zip").read_bytes())) as archive:
        assert sorted(archive.namelist()) == ["color.png", "manifest.json", "outline.png"]
        said = json.loads(archive.read("manifest.json"))
    assert (said["id"], said["developer"]["name"], said["validDomains"]) == (APP, "Acme", ["b.acme.example"])


async def test_slacks_manifest_is_written_too_and_a_missing_app_id_is_told(tmp_path: Path) -> None:
    shell = command_line(tmp_path, "http://127.0.0.1:9")
    slack = await shell.run("manifest", "slack")
    assert slack.code == 0, slack.err
    assert "slash_commands" in slack.out
    teams = await shell.run("manifest", "teams")
    assert json.loads(teams.out)["id"].startswith("00000000")
    assert "teams.app_id is not set" in teams.err


def test_a_package_is_the_same_for_the_same_settings() -> None:
    assert package(APP) == package(APP)

"""Builds the Teams app's manifest from the commands, and the package that an administrator uploads."""

import io
import json
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.chat.command import Command, commands
from bot.model import Role

SCHEMA = "https://developer.microsoft.com/json-schemas/teams/v1.30/MicrosoftTeams.schema.json"
NO_APP = "00000000-0000-0000-0000-000000000000"
"""Placeholder for the id of the app registration where none is configured yet."""

_MOST_COMMANDS = 12  # of a list, by the schema
_SELDOM = frozenset({"checks", "dependencies", "drill", "risk"})
_PUBLIC_URL = "https://backstay.example.com"
_FULL = (
    "backstay shows how well your services would survive the loss of a zone, a region or a whole cloud, and which "
    "fixes help most. It reads clouds and status pages and never changes anything in them. Type help for the list of commands."
)


def manifest(app_id: str = "", *, url: str = "", organisation: str = "") -> dict[str, Any]:
    """The app's manifest, in the shape of Microsoft's schema.

    Args:
        app_id: id of the app registration, which is the bot's id too.
        url: the public address of `serve`, for links.
        organisation: the name of the organisation.
    """
    ours, site = app_id or NO_APP, (url or _PUBLIC_URL).rstrip("/")
    return {
        "$schema": SCHEMA,
        "manifestVersion": "1.30",
        "version": _three_parts(version("backstay")),
        "id": ours,
        "developer": {
            "name": (organisation or "backstay")[:32],
            "websiteUrl": site,
            "privacyUrl": f"{site}/",
            "termsOfUseUrl": f"{site}/",
        },
        "name": {"short": "backstay", "full": "backstay: would our services survive?"},
        "description": {"short": "Would our services survive losing a zone, a region or a cloud?", "full": _FULL},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#1D3B4F",
        "bots": [
            {
                "botId": ours,
                "scopes": ["personal", "team", "groupChat"],
                "supportsFiles": False,
                "isNotificationOnly": False,
                "commandLists": [{"scopes": ["personal", "team", "groupChat"], "commands": _listed()}],
            }
        ],
        # To learn who is in which channel; messages that do not mention the bot are not read.
        "permissions": ["identity", "messageTeamMembers"],
        # Private and shared channels too: in those, membership of the team gives nobody a role (`conversations`).
        "supportsChannelFeatures": "tier1",
        "validDomains": [urlsplit(site).netloc],
    }


def package(app_id: str = "", *, url: str = "", organisation: str = "") -> bytes:
    """The app package, a zip of the manifest and the two icons, the same bytes for the same settings."""
    text = json.dumps(manifest(app_id, url=url, organisation=organisation), indent=2, ensure_ascii=False) + "\n"
    files = {"manifest.json": text.encode(), **icons()}
    package_bytes = io.BytesIO()
    with zipfile.ZipFile(package_bytes, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return package_bytes.getvalue()


def icons() -> dict[str, bytes]:
    """The two icons by file name, both PNG: `color.png` of 192x192 pixels, `outline.png` of 32x32, white on transparent."""
    here = Path(__file__).parent
    return {name: (here / name).read_bytes() for name in ("color.png", "outline.png")}


def _listed() -> list[dict[str, str]]:
    """The commands that Teams suggests, for there is room for twelve: first those that everybody may run and asks often."""
    everybody = sorted(
        commands().values(), key=lambda command: (command.role is not Role.VIEWER, command.word in _SELDOM)
    )
    return [_entry(command) for command in _alphabetical(everybody[:_MOST_COMMANDS])]


def _alphabetical(some: Sequence[Command]) -> list[Command]:
    return sorted(some, key=lambda command: command.word)


def _entry(command: Command) -> dict[str, str]:
    return {"title": command.word, "description": f"{command.summary} Example: {command.example}"}


def _three_parts(version_text: str) -> str:
    """The version as Teams requires it: three numbers."""
    numbers = [part if part.isdigit() else "0" for part in version_text.split(".")]
    return ".".join([*numbers, "0", "0", "0"][:3])

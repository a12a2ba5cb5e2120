"""`backstay feed parse`: the normal form of a saved status payload, for a user's bug report."""

import json
import re
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from bot.app.cli.terminal import fail, write

if TYPE_CHECKING:
    from bot.detection.feeds import Page, Parsed
    from bot.model import ProviderIncident

SCHEMA = "backstay.feed/1"
# What pages put around the name of whom they are about: OpenAI status, Acme Status Page, Acme - Incident History.
_WORDS_AROUND = re.compile(
    r"(?i)^status of |\s*(?:[-|:–]\s*)?(?:system |service )?(?:status|health)(?: page| feed| updates)?$| - incident history$"
)

feed = typer.Typer(help="Look at what status feeds say.", no_args_is_help=True)


@feed.callback()
def _feed() -> None:
    """Look at what status feeds say."""


@feed.command("parse")
def parse_feed(
    file: Annotated[Path, typer.Argument(help="A saved payload; - reads standard input.", allow_dash=True)],
    form: Annotated[str, typer.Option("--format", help="The payload's format; else found out by its shape.")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", dir_okay=False)] = None,
) -> None:
    """Print the normal form of a saved status payload as JSON."""
    from bot.detection.feeds import FeedError, parse

    try:
        parsed = parse(_read(file), form)
    except FeedError as error:
        fail(f"{_called(file)}: {error}", error.mend)
    if parsed.left_out:
        typer.echo(f"{_called(file)}: {parsed.left_out} are left out, the oldest: more are not kept", err=True)
    write(normal_form(parsed), output)


@feed.command("known_formats")
def list_formats() -> None:
    """Print every format that is read, with a line on each."""
    from bot.detection.feeds import about, known_formats

    longest = max(map(len, known_formats()))
    for name in known_formats():
        typer.echo(f"{name:{longest}}  {about(name)}")


def _called(file: Path) -> str:
    return "standard input" if str(file) == "-" else str(file)


def normal_form(parsed: "Parsed") -> str:
    """A parsed payload as JSON of the schema backstay.feed/1; what the feed does not say is null."""
    made = {
        "schema": SCHEMA,
        "format": parsed.format,
        "provider": _provider(parsed.page),
        "incidents": [_incident(one) for one in parsed.page.incidents],
    }
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _read(file: Path) -> bytes:
    from bot.detection.feeds import MAX_BYTES

    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")


def _provider(page: "Page") -> str | None:
    """The catalogue's name for whose page it is, by the page's address or name; else the page's own name, else null."""
    from bot.catalogue import known_providers

    links = [page.url] if page.url else [one.url for one in page.incidents if one.url]
    host = urlsplit(links[0]).hostname if links else None
    name = _WORDS_AROUND.sub("", page.name).lower()
    for one in known_providers().values():
        hosts = {urlsplit(address).hostname for address in (one.page, one.feed) if address}
        if (host and host in hosts) or (name and name in (one.name, one.title.lower(), *one.aliases)):
            return one.name
    return page.name or None


def _incident(one: "ProviderIncident") -> dict[str, Any]:
    keys = ("id", "title", "state", "severity", "services", "regions", "started_at", "updated_at", "resolved_at", "url")
    said = asdict(one)
    return {key: _plain(said[key]) for key in keys} | {
        "updates": [{key: _plain(update[key]) for key in ("at", "state", "text")} for update in said["updates"]]
    }


def _plain(value: Any) -> Any:
    """Moments as RFC 3339 in UTC, to the second unless there are parts of one."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value

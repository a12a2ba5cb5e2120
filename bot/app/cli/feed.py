"""`backstay feed`: the status feed formats that are read, and the normal form of a saved payload, for bug reports."""

import re
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from bot.app.cli import options
from bot.app.cli.help import HelpCommand, HelpGroup
from bot.app.cli.options import Format
from bot.app.cli.terminal import as_json, fail, note, warn, write
from bot.net.plain_text import line

if TYPE_CHECKING:
    from bot.detection.feeds import Page, Parsed
    from bot.model import ProviderIncident

SCHEMA = "backstay.feed/1"
# What pages put around the provider's name: OpenAI status, Acme Status Page, Acme - Incident History.
_WORDS_AROUND = re.compile(
    r"(?i)^status of |\s*(?:[-|:–]\s*)?(?:system |service )?(?:status|health)(?: page| feed| updates)?$| - incident history$"
)

feed = typer.Typer(
    cls=HelpGroup, help="List status feed formats, and read saved feeds.", no_args_is_help=True, rich_markup_mode=None
)


@feed.command("parse", cls=HelpCommand)
def parse_feed(
    file: Annotated[Path, typer.Argument(help="A saved payload; - reads standard input.", allow_dash=True)],
    form: Annotated[str, typer.Option("--format", help="The payload's format; else it is detected.")] = "",
    as_text: Annotated[bool, typer.Option("--text", help="Print it as text for people, not as JSON.")] = False,
    output: options.Output = None,
) -> None:
    """Print a saved status payload in its normal form, as JSON or as text."""
    from bot.detection.feeds import FeedError, parse

    try:
        parsed = parse(_read(file), form)
    except FeedError as error:
        fail(f"{_name(file)}: {error}", error.fix)
    if parsed.unread:
        warn(f"{_name(file)}: {parsed.unread} could not be read")
    if parsed.left_out:
        note(f"{_name(file)}: the oldest {parsed.left_out} are left out: more are not kept")
    write(as_lines(parsed) if as_text else normal_form(parsed), output)


@feed.command("formats", cls=HelpCommand)
def list_formats(form: options.TextOrJson = Format.TEXT, output: options.Output = None) -> None:
    """List every status feed format that is read, with a line on each."""
    from bot.detection.feeds import about, known_formats

    if form is Format.JSON:
        return write(as_json([{"name": name, "about": about(name)} for name in known_formats()]), output)
    longest = max(map(len, known_formats()))
    return write("\n".join(f"{name:{longest}}  {about(name)}" for name in known_formats()), output)


feed.command("known_formats", cls=HelpCommand, hidden=True)(list_formats)


def _name(file: Path) -> str:
    return "standard input" if str(file) == "-" else str(file)


def normal_form(parsed: "Parsed") -> str:
    """A parsed payload as JSON of the schema backstay.feed/1; what the feed does not contain is null.

    `unread` is there only where something could not be read.
    """
    unread = {"unread": parsed.unread} if parsed.unread else {}
    return as_json(
        {
            "schema": SCHEMA,
            "format": parsed.format,
            "provider": _provider(parsed.page),
            "severity": parsed.page.severity,
            **unread,
            "components": [
                {"name": part.name, "severity": part.severity, "region": part.region} for part in parsed.page.components
            ],
            "incidents": [_incident(incident) for incident in parsed.page.incidents],
        }
    )


def as_lines(parsed: "Parsed") -> str:
    """A parsed payload as text: the page, its incidents with times in UTC, and the components that are not well."""
    page = parsed.page
    well = sum(part.severity == "none" for part in page.components)
    lines = [
        f"format     {parsed.format}",
        f"provider   {_provider(page) or 'unknown'}",
        f"severity   {page.severity or 'unknown'}",
        f"components {len(page.components)}, {well} of them well" if page.components else "components none listed",
    ]
    lines += [
        f"  {part.name}{f' ({part.region})' if part.region else ''}: {part.severity or 'unknown'}"
        for part in page.components
        if part.severity != "none"
    ]
    lines += [f"unread     {parsed.unread}"] if parsed.unread else []
    for incident in page.incidents:
        lines += ["", f"{incident.id}  {incident.title}", *(f"  {label:9}{words}" for label, words in _facts(incident))]
    return "\n".join(lines)


def _facts(incident: "ProviderIncident") -> list[tuple[str, str]]:
    """What is known of an incident, with a label for each fact."""
    last = incident.updates[0] if incident.updates else None
    facts = [
        ("state", f"{incident.state or 'unknown'}, severity {incident.severity or 'unknown'}"),
        ("services", ", ".join(incident.services)),
        ("regions", ", ".join(incident.regions)),
        ("started", _plain(incident.started_at)),
        ("updated", _plain(incident.updated_at)),
        ("ends", _plain(incident.ends_at)),
        ("resolved", _plain(incident.resolved_at)),
        ("url", incident.url),
        ("updates", str(len(incident.updates)) if incident.updates else ""),
        ("last", line(last.text, 160) if last else ""),
    ]
    return [(label, words) for label, words in facts if words]


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
    """The catalogue's name of the page's provider, by the page's address or name; else the page's own name, else null."""
    from bot.catalogue import known_providers

    links = [page.url] if page.url else [incident.url for incident in page.incidents if incident.url]
    host = urlsplit(links[0]).hostname if links else None
    name = _WORDS_AROUND.sub("", page.name).lower()
    for provider in known_providers().values():
        hosts = {urlsplit(address).hostname for address in (provider.page, provider.feed) if address}
        if (host and host in hosts) or (name and name in (provider.name, provider.title.lower(), *provider.aliases)):
            return provider.name
    return page.name or None


def _incident(incident: "ProviderIncident") -> dict[str, Any]:
    keys = (
        "id",
        "title",
        "state",
        "severity",
        "services",
        "regions",
        "started_at",
        "updated_at",
        "ends_at",
        "resolved_at",
        "url",
    )
    fields = asdict(incident)
    return {key: _plain(fields[key]) for key in keys} | {
        "updates": [{key: _plain(update[key]) for key in ("at", "state", "text")} for update in fields["updates"]]
    }


def _plain(value: Any) -> Any:
    """Moments as RFC 3339 in UTC, to the second unless there are parts of one."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value

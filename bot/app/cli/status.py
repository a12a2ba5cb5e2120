"""`backstay status`: what providers' status pages say now, whatever affects your services first."""

import itertools
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, UNREAD, as_json, clear_errors, draw, fail, progress, run, warn, writable, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.catalogue import KnownProvider
    from bot.model import FeedReading
    from bot.model.incidents import Incident
    from bot.model.providers import Exposure
    from checks import Seen

SCHEMA = "backstay.status/1"
DEADLINE = 10.0
"""Seconds that one page may take: somebody is waiting, and the other pages have long answered."""
AT_ONCE = 40


def status(
    providers: Annotated[
        list[str] | None, typer.Argument(help="aws, github, stripe ...; else all known providers.", show_default=False)
    ] = None,
    region: Annotated[str, typer.Option("--region", help="Only incidents in this region.")] = "",
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    strict: Annotated[
        bool, typer.Option("--strict", "--fail-on-unread", help="Exit with 3 when any status page could not be read.")
    ] = False,
    config: options.Config = None,
) -> None:
    """Read providers' status pages; problems that affect your services come first.

    Then the rest, and planned maintenance.

    Exit code: 0 done, 1 every status page is unreadable, 2 bad usage or settings, 3 (only with --strict) a page is unreadable.
    """
    writable(output)
    with clear_errors():
        settings = options.settings(config)
        wanted = _wanted(settings, providers or [])
        question = _Question(region.strip().lower(), form, output, alone=len(wanted) == 1 and bool(providers))
        text, unread = run(_status(settings, wanted, question))
    write(text, output)
    if strict and unread:
        fail(f"{len(unread)} of {len(wanted)} status pages could not be read", code=UNREAD)
    if wanted and len(unread) == len(wanted):
        fix = "Check that this machine reaches the internet: network, DNS, firewall" if len(wanted) > 1 else ""
        fail(f"every status page is unreadable ({unread[0].provider} {unread[0].error})", fix, BELOW)


class _Question(NamedTuple):
    """What the answer is about, and how it is written."""

    region: str
    form: Format
    output: Path | None
    alone: bool


def _wanted(settings: "Settings", named: Sequence[str]) -> list["KnownProvider"]:
    """The named providers, by name or alias; every provider with a feed where none is named."""
    from bot.catalogue import did_you_mean
    from bot.catalogue.exposure import provider_called

    known = settings.catalogue.providers
    if not named:
        return [provider for provider in known.values() if provider.feed]
    names = [name for provider in known.values() for name in (provider.name, *provider.aliases)]
    found = []
    for name in named:
        provider = provider_called(name, known)
        if provider is None:
            fail(f"no provider is called {name!r}{did_you_mean(name, names)}", "Add it under providers: with its feed")
        if not provider.feed:
            page = f"; its status page is {provider.page}" if provider.page else ""
            fail(f"no status feed of {provider.name} is known{page}", "Add one under providers: with feed: https://...")
        found.append(provider)
    return list(dict.fromkeys(found))


async def _status(
    settings: "Settings", wanted: Sequence["KnownProvider"], question: _Question
) -> tuple[str, list["FeedReading"]]:
    """The answer, and the readings of pages that could not be read."""
    from bot.app.wiring.feeds import opened, specs
    from bot.cards.messages.status_answer import status_answer
    from bot.catalogue.exposure import known_exposure, relevant_readings
    from bot.detection.feeds.http_feed import read_once
    from bot.model import Progress, utc_now

    exposure = known_exposure(settings.catalogue, await _seen(settings) if _has_ledger(settings) else ())
    with progress("reading status pages") as report:
        count = itertools.count(1)

        def done(reading: "FeedReading") -> None:
            report(Progress(next(count), len(wanted), reading.provider))

        async with opened(specs(settings, wanted), utc_now, deadline=DEADLINE) as feeds:
            readings = await read_once(feeds, at_once=AT_ONCE, done=done)
    now, unread = utc_now(), [reading for reading in readings if reading.error]
    incidents = await _open_incidents(settings) if _has_ledger(settings) else ()
    if question.form is Format.JSON:
        found = relevant_readings(readings, exposure, now, question.region)
        return _json(found, exposure, now, incidents), unread
    card = status_answer(readings, exposure, now, region=question.region, alone=question.alone, incidents=incidents)
    return draw(card, question.output), unread


def _has_ledger(settings: "Settings") -> bool:
    """Whether there is a ledger: a question creates none."""
    address = settings.ledger_address()
    return "://" in address or Path(address).exists()


async def _seen(settings: "Settings") -> Sequence["Seen"]:
    """What the last audit found, so that the services' real places count; without a ledger the catalogue alone does."""
    from bot.app.wiring.audit import open_audit_service
    from bot.storage.ledger import LedgerError

    try:
        async with open_audit_service(settings) as audits:
            last = await audits.snapshot()
    except LedgerError as error:
        warn(f"the last audit could not be read, so places come from the catalogue alone: {error}")
        return ()
    return last.seen if last else ()


async def _open_incidents(settings: "Settings") -> Sequence["Incident"]:
    """Our own incidents that are open, from the ledger: a page may be silent about them."""
    from bot.app.cli.delivery import opened_ledger
    from bot.model import utc_now
    from bot.storage.ledger import LedgerError
    from checks import Severity

    try:
        async with opened_ledger(settings) as ledger:
            known = await ledger.incidents_since(utc_now())
    except LedgerError as error:
        warn(f"open incidents could not be read: {error}")
        return ()
    order = list(Severity)
    found = [incident for incident in known if incident.open and not incident.part_of]
    return sorted(found, key=lambda incident: order.index(incident.severity))


def _json(
    readings: Sequence["FeedReading"], exposure: "Exposure", now: datetime, incidents: Sequence["Incident"]
) -> str:
    from bot.cards.messages.incident_parts import incident_data
    from bot.cards.messages.page_readings import severity_of

    rows = [
        {
            **{key: value for key, value in asdict(reading).items() if key != "changed"},
            "severity": severity_of(reading, now),
            "needed_by": list(exposure.needed_by.get(reading.provider, ())),
        }
        for reading in readings
    ]
    return as_json(
        {
            "schema": SCHEMA,
            "at": now,
            "providers": rows,
            "incidents": [{**incident_data(found), "title": found.title} for found in incidents],
        }
    )

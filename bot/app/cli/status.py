"""`backstay status`: what providers say of themselves now, what touches us first."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from bot.app.cli import options
from bot.app.cli.terminal import UNSEEN, clear_errors, colours, console, fail, progress, writable, write
from bot.model import Progress

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.catalogue import KnownProvider
    from bot.catalogue.exposure import Exposure
    from bot.model import FeedReading
    from checks import Seen

SCHEMA = "backstay.status/1"
DEADLINE = 10.0
"""Seconds that one page may take: somebody is waiting, and the others have long answered."""
AT_ONCE = 40


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


def status(
    providers: Annotated[
        list[str] | None, typer.Argument(help="aws, github, stripe ...; else all that are known.", show_default=False)
    ] = None,
    region: Annotated[str, typer.Option("--region", help="Only what is about this region.")] = "",
    form: Annotated[Format, typer.Option("--format", help="How to write the answer.")] = Format.TEXT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", dir_okay=False)] = None,
    config: options.Config = None,
) -> None:
    """Ask the status pages: what is wrong now and touches us first, then the rest, and maintenance ahead."""
    writable(output)
    with clear_errors():
        settings = options.settings(config)
        wanted = _wanted(settings, providers or [])
        asked = _Asked(region.strip().lower(), form, alone=len(wanted) == 1 and bool(providers))
        text, unread = asyncio.run(_status(settings, wanted, asked, colours(output), kept=_has_ledger(settings)))
    write(text, output)
    if wanted and len(unread) == len(wanted):
        mend = "See that this machine reaches the internet: network, DNS, HTTPS_PROXY"
        fail(f"no status page could be read ({unread[0].provider} {unread[0].error})", mend, UNSEEN)


class _Asked(NamedTuple):
    """What is wanted of the answer."""

    region: str
    form: Format
    alone: bool


def _wanted(settings: "Settings", named: Sequence[str]) -> list["KnownProvider"]:
    """The providers asked for, by name or alias; all that have a feed where none is named."""
    from bot.catalogue import did_you_mean
    from bot.catalogue.exposure import provider_called

    known = settings.catalogue.providers
    if not named:
        return [one for one in known.values() if one.feed]
    names = [word for one in known.values() for word in (one.name, *one.aliases)]
    found = []
    for word in named:
        one = provider_called(word, known)
        if one is None:
            fail(
                f"no provider is called {word!r}{did_you_mean(word, names)}",
                "Name it under providers: with its feed",
            )
        if not one.feed:
            at = f"; people read {one.page}" if one.page else ""
            fail(f"no status feed of {one.name} is known{at}", "Name one under providers: with feed: https://...")
        found.append(one)
    return list(dict.fromkeys(found))


async def _status(
    settings: "Settings", wanted: Sequence["KnownProvider"], asked: _Asked, colour: bool | None, *, kept: bool
) -> tuple[str, list["FeedReading"]]:
    """The answer, and what could not be read. `kept`: there is a ledger to look into."""
    from bot.app.wiring.audit import utc_now
    from bot.app.wiring.feeds import opened, specs
    from bot.cards.messages.status_answer import status_answer
    from bot.cards.render import terminal as to_terminal
    from bot.catalogue.exposure import known_exposure, relevant_readings
    from bot.detection.feeds.http_feed import read_once

    stand = known_exposure(settings.catalogue, await _seen(settings) if kept else ())
    with progress("asking status pages") as report:
        count = itertools.count(1)

        def done(one: "FeedReading") -> None:
            report(Progress(next(count), len(wanted), one.provider))

        async with opened(specs(settings, wanted), utc_now, deadline=DEADLINE) as feeds:
            readings = await read_once(feeds, at_once=AT_ONCE, done=done)
    now, unread = utc_now(), [one for one in readings if one.error]
    if asked.form is Format.JSON:
        return _json(relevant_readings(readings, stand, now, asked.region), stand, now), unread
    card = status_answer(readings, stand, now, region=asked.region, alone=asked.alone)
    return to_terminal.render(card, colour=colour), unread


def _has_ledger(settings: "Settings") -> bool:
    """A question creates none."""
    address = settings.ledger_address()
    return "://" in address or Path(address).exists()


async def _seen(settings: "Settings") -> Sequence["Seen"]:
    """What the last audit found, so that where services really stand counts; without a ledger the catalogue alone does."""
    from bot.app.wiring.audit import open_review
    from bot.storage.ledger import LedgerError

    try:
        async with open_review(settings) as review:
            last = await review.reviewed()
    except LedgerError as error:
        console(stderr=True).print(
            f"backstay: where services stand is taken from the catalogue alone: {error}", markup=False
        )
        return ()
    return last.seen if last else ()


def _json(relevant_readings: Sequence["FeedReading"], stand: "Exposure", now: datetime) -> str:
    from bot.cards.messages.provider_status import severity_of

    made = [
        {
            **{key: value for key, value in asdict(one).items() if key != "changed"},
            "severity": severity_of(one, now),
            "needed_by": list(stand.needed_by.get(one.provider, ())),
        }
        for one in relevant_readings
    ]
    return (
        json.dumps({"schema": SCHEMA, "at": now, "providers": made}, indent=2, ensure_ascii=False, default=_plain)
        + "\n"
    )


def _plain(value: Any) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)

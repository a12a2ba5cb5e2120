"""`backstay status`: what providers say of themselves now, what touches us first."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import _options as options
from bot.cli._terminal import clear_errors, fail, write

if TYPE_CHECKING:
    from bot.catalogue import KnownProvider
    from bot.ports import FeedReading
    from bot.settings import Settings
    from bot.touching import Footing

SCHEMA = "backstay.status/1"


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
    with clear_errors():
        settings = options.settings(config)
        wanted = _wanted(settings, providers or [])
        write(asyncio.run(_status(settings, wanted, region.lower(), form, alone=len(providers or []) == 1)), output)


def _wanted(settings: "Settings", named: Sequence[str]) -> list["KnownProvider"]:
    """The providers asked for, by name or alias; all that have a feed where none is named."""
    from bot.catalogue import did_you_mean
    from bot.touching import provider_called

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
    return found


async def _status(
    settings: "Settings", wanted: Sequence["KnownProvider"], region: str, form: Format, *, alone: bool
) -> str:
    from bot.cards import to_terminal
    from bot.cards.status_answer import status_answer
    from bot.edges import utc_now
    from bot.feed_sources import opened, specs
    from bot.feeds.polling import read_once
    from bot.touching import known_footing, told

    async with opened(specs(settings, wanted), utc_now) as feeds:
        readings = await read_once(feeds)
    now, stand = utc_now(), known_footing(settings.catalogue)
    if form is Format.JSON:
        return _json(told(readings, stand, now, region), stand, now)
    return to_terminal.render(status_answer(readings, stand, now, region=region, alone=alone))


def _json(told: Sequence["FeedReading"], stand: "Footing", now: datetime) -> str:
    from bot.cards.status import severity_of

    made = [
        {
            **{key: value for key, value in asdict(one).items() if key != "changed"},
            "severity": severity_of(one, now),
            "needed_by": list(stand.needed_by.get(one.provider, ())),
        }
        for one in told
    ]
    return (
        json.dumps({"schema": SCHEMA, "at": now, "providers": made}, indent=2, ensure_ascii=False, default=_plain)
        + "\n"
    )


def _plain(value: Any) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)

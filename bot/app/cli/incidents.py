"""`backstay incidents`: what happened, from the ledger alone; one incident in full, also as the beginning of a post-mortem."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.app.cli import options
from bot.app.cli.delivery import duration_of, opened_ledger
from bot.app.cli.terminal import clear_errors, console, fail, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model.incidents import Incident, NotificationReceipt

SCHEMA = "backstay.incidents/1"


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"
    MD = "md"


def incidents(
    incident: Annotated[
        str, typer.Argument(help="Id of one, or the beginning of it; else all are listed.", show_default=False)
    ] = "",
    since: Annotated[str, typer.Option(help="How far back those are listed that are over: 24h, 7d.")] = "7d",
    form: Annotated[Format, typer.Option("--format", help="How to write the answer.")] = Format.TEXT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", dir_okay=False)] = None,
    config: options.Config = None,
) -> None:
    """What broke: all incidents, or one with its course, who was told, and what it took; `md` begins a post-mortem."""
    begin = datetime.now(UTC) - duration_of("--since", since)
    with clear_errors():
        settings = options.settings(config)
        found, heard = asyncio.run(_read(settings, incident, begin))
    if incident:
        return write(_one(found[0], heard, settings.currency, form), output)
    if not found and form is Format.TEXT:
        console(stderr=True).print(f"no incidents in the last {since}", markup=False)
        return None
    return write(_all(found, form), output)


async def _read(
    settings: "Settings", wanted: str, since: datetime
) -> "tuple[Sequence[Incident], Sequence[NotificationReceipt]]":
    async with opened_ledger(settings) as ledger:
        begin = datetime.fromtimestamp(0, UTC) if wanted else since
        known = [one for one in await ledger.kept_incidents(begin) if wanted or not one.part_of]
        if not wanted:
            return known[::-1], ()
        one = _meant(known, wanted)
        return [one], await ledger.notification_receipts(one.id)


def _meant(known: "Sequence[Incident]", wanted: str) -> "Incident":
    from bot.catalogue import did_you_mean

    exact = [one for one in known if one.id == wanted]
    begins = exact or [one for one in known if one.id.startswith(wanted)]
    if len(begins) != 1:
        ids = [one.id for one in known]
        those = ", ".join(one.id for one in begins[:5])
        problem = (
            f"{wanted!r} may be {those}" if begins else f"no incident is called {wanted!r}{did_you_mean(wanted, ids)}"
        )
        fail(problem, "`backstay incidents` lists them" + ("" if ids else "; the ledger has none"))
    return begins[0]


def _one(one: "Incident", heard: "Sequence[NotificationReceipt]", currency: str, form: Format) -> str:
    from bot.cards.messages.incident import incident_card
    from bot.cards.messages.incident_resolved import closed_card
    from bot.cards.render.text import render
    from bot.incidents.post_mortem import post_mortem

    now = datetime.now(UTC)
    if form is Format.JSON:
        return _json({"schema": SCHEMA, "incident": _data(one), "told": [_heard(each) for each in heard]})
    if form is Format.MD:
        return post_mortem(one, heard, now=now, currency=currency)
    card = (
        incident_card(one, now=now, currency=currency)
        if one.open
        else closed_card(one, heard, now=now, currency=currency)
    )
    return render(card)


def _all(found: "Sequence[Incident]", form: Format) -> str:
    from bot.net.markdown import inert

    if form is Format.JSON:
        return _json({"schema": SCHEMA, "incidents": [_data(one) for one in found]})
    if form is Format.MD:
        rows = [
            f"| {one.onset_at:%Y-%m-%d %H:%M} | {one.id} | {one.phase} | {inert(one.title)} | {_ours(one)} |"
            for one in found
        ]
        return "\n".join(["| Since (UTC) | Incident | State | What | Ours |", "| --- | --- | --- | --- | --- |", *rows])
    return "\n".join(
        f"{one.onset_at:%Y-%m-%d %H:%M}  {one.phase:<10} {one.id}  {_plain(one.title)}  {_ours(one)}" for one in found
    )


def _ours(one: "Incident") -> str:
    hit = [each for each in one.affected if each.fate.value != "unaffected"]
    return f"{len(hit)} of our services" if hit else "none of ours"


def _plain(words: str) -> str:
    from bot.cards.sanitise import clean

    return clean(words)


def _data(one: "Incident") -> Any:
    from pydantic import TypeAdapter

    from bot.model.incidents import Incident

    return TypeAdapter(Incident).dump_python(one, mode="json")


def _heard(one: "NotificationReceipt") -> dict[str, str | None]:
    return {
        "audience": one.audience,
        "why": one.why,
        "posted_at": one.posted_at.isoformat(),
        "at": one.at.isoformat() if one.at else None,
        "route": one.route,
        "problem": one.problem,
    }


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)

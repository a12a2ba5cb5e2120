"""`backstay probe`: one round of what would be watched, now, so that everybody sees what is looked at and that it works."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import BELOW, clear_errors, fail, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.app.wiring.probes import ProbeRunner
    from bot.detection.probes.aws_canaries import Canary
    from bot.detection.probes.probe import Probe
    from bot.detection.probes.targets import OwnEndpoint
    from bot.model.incidents import Signal
    from checks import Scope

SCHEMA = "backstay.probe/1"
_MARKS = {"good": "ok", "bad": "BAD", "unknown": "?"}


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


def probe(
    scopes: Annotated[
        list[str] | None,
        typer.Argument(
            help="aws/us-east-1, stripe, a service ...; else all that your services stand on.", show_default=False
        ),
    ] = None,
    canaries: Annotated[
        bool | None,
        typer.Option("--canaries/--no-canaries", help="Call AWS with your credentials; else as watch.canaries says."),
    ] = None,
    dry: Annotated[bool, typer.Option("--list", help="Only list what would be looked at; ask nobody.")] = False,
    form: Annotated[Format, typer.Option("--format", help="How to write the answer.")] = Format.TEXT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", dir_okay=False)] = None,
    config: options.Config = None,
) -> None:
    """Look once at the endpoints of what your services stand on, and at your own: 0 all well, 1 something is bad."""
    with clear_errors():
        settings = options.settings(config)
        if canaries is not None:
            called = settings.watch.canaries.model_copy(update={"enabled": canaries})
            settings = replace(settings, watch=settings.watch.model_copy(update={"canaries": called}))
        patrol, looks, calls = asyncio.run(_aimed(settings, scopes or []))
        if not looks and not calls:
            fail(*_nothing(settings, scopes or []))
        if dry:
            write(_listed(looks, calls, form), output)
            return
        began = time.monotonic()
        signals = asyncio.run(patrol.once(looks, calls))
        took = time.monotonic() - began
        write(_json(signals) if form is Format.JSON else _text(signals, took), output)
    if any(one.state.value == "bad" and not one.control for one in signals):
        raise typer.Exit(BELOW)


async def _aimed(
    settings: "Settings", named: Sequence[str]
) -> "tuple[ProbeRunner, tuple[Probe, ...], tuple[Canary, ...]]":
    """What to look at: everything that our services stand on, or what the named scopes and services do."""
    from bot.app.wiring.audit import open_review, utc_now
    from bot.app.wiring.incidents import IncidentStack
    from bot.incidents.engine import places
    from checks import Scope

    async with open_review(settings) as review:
        estate = await IncidentStack(settings, review, utc_now).estate()
    patrol = ProbeRunner(settings, utc_now)
    if not named:
        stands_in = patrol.stands_in(estate)
        return patrol, patrol.probes(stands_in), patrol.canaries(stands_in)
    wanted: list[Scope] = []
    own: list[OwnEndpoint] = []
    for word in named:
        mine = [one for one in estate.seen if one.service.name == word]
        found = places(mine) if mine else (_scope(word),)
        wanted += found
        own += [
            one for one in patrol.own if one.scope == Scope(word.lower()) or any(s.covers(one.scope) for s in found)
        ]
    return patrol, patrol.probes(wanted, own), patrol.canaries(wanted)


def _scope(word: str) -> "Scope":
    from checks import Scope

    try:
        return Scope.parse(word)
    except ValueError as error:
        fail(str(error))


def _nothing(settings: "Settings", named: Sequence[str]) -> tuple[str, str]:
    from bot.catalogue import did_you_mean

    if not named:
        what = "no service stands on anything with a known endpoint"
        return f"nothing to look at: {what}", "Name what they need (depends_on:), or endpoints of your own (endpoints:)"
    known = [one.name for one in settings.catalogue.services] + list(settings.catalogue.providers)
    hints = "".join(did_you_mean(word, known) for word in named)
    return f"no endpoint of {', '.join(named)} is known{hints}", "Name endpoints of your own under endpoints:"


def _listed(looks: "Sequence[Probe]", calls: "Sequence[Canary]", form: Format) -> str:
    rows = [
        {
            "about": str(one.scope),
            "looks_at": one.source,
            "through": one.resolver.name if one.resolver else "",
            "control": one.control,
        }
        for one in looks
    ]
    rows += [{"about": str(one.scope), "looks_at": one.source, "through": "", "control": False} for one in calls]
    if form is Format.JSON:
        return json.dumps({"schema": SCHEMA, "looks": rows}, indent=2, ensure_ascii=False) + "\n"
    lines = [
        f"{row['about']:40} {row['looks_at']}{' through ' + str(row['through']) if row['through'] else ''}"
        for row in rows
    ]
    return "\n".join((*lines, f"{len(looks)} looks and {len(calls)} calls a round", ""))


def _json(signals: "Sequence[Signal]") -> str:
    made = [
        {
            "about": str(one.scope),
            "looks_at": one.source,
            "through": one.via,
            "state": one.state.value,
            "detail": one.detail,
            "at": one.at.isoformat().replace("+00:00", "Z"),
            "control": one.control,
        }
        for one in signals
    ]
    return json.dumps({"schema": SCHEMA, "results": made}, indent=2, ensure_ascii=False) + "\n"


def _text(signals: "Sequence[Signal]", took: float) -> str:
    """The bad first, then what could not be told, then what is well; one line a look."""
    order = [*list(_MARKS)[1:], "good"]
    lines = [
        f"{_MARKS[one.state.value]:4} {'control group' if one.control else str(one.scope):34} {one.source}"
        + (f" through {one.via}" if one.via else "")
        + (f": {one.detail}" if one.detail else "")
        for one in sorted(
            signals, key=lambda one: (one.control, order.index(one.state.value), str(one.scope), one.source)
        )
    ]
    counts = {state: sum(one.state.value == state for one in signals) for state in _MARKS}
    said = f"{counts['good']} well, {counts['bad']} bad, {counts['unknown']} not known; {len(signals)} looks in {took:.1f} s"
    control = [one for one in signals if one.control]
    if control and all(one.state.value == "bad" for one in control):
        said += "\nThe whole control group fails: this looks like our own network"
    return "\n".join((*lines, said, ""))

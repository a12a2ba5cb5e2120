"""`backstay drift`: what no service claims, services with nothing left, and services that Backstage has otherwise."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, as_json, clear_errors, fail, note, progress, run, say, warn, write

if TYPE_CHECKING:
    from bot.audit.drift import Drift
    from checks import Fact

SCHEMA = "backstay.drift/1"
_SHOWN = 50


def drift(
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """Compare backstay.yaml with what runs, and with Backstage where `backstage:` is set.

    It reads the accounts whole and stores nothing. Failed reads are counted: they may hide resources of an empty service.

    Exit code: 0 nothing differs, 1 something does, 2 bad usage or settings.
    """
    from bot.app.wiring.catalogue_drift import catalogue_drift
    from bot.audit.tickets.api import TrackerError

    with clear_errors():
        settings = options.settings(config)
        if not settings.catalogue.entries:
            fail("backstay.yaml lists no service", "Run `backstay init`")
        try:
            with progress("reading") as report:
                found, collected = run(catalogue_drift(settings, report))
        except TrackerError as error:
            fail(str(error), "Check `backstage:` in backstay.yaml")
    unread = len(collected.gaps)
    if form is Format.JSON:
        write(as_json(_data(found, unread)), output)
    else:
        for line in _lines(found):
            say(line)
        if unread:
            warn(f"{unread} {'list' if unread == 1 else 'lists'} could not be read, so there may be more")
        if not found.any:
            note("nothing differs")
    raise typer.Exit(BELOW if found.any else 0)


def _lines(found: "Drift") -> Iterator[str]:
    from bot.cards.sanitise import clean

    for fact in found.unclaimed[:_SHOWN]:
        yield f"unclaimed  {clean(_shown(fact))}"
    if len(found.unclaimed) > _SHOWN:
        yield f"unclaimed  {len(found.unclaimed) - _SHOWN} more; --format json lists all"
    for name in found.empty:
        doubt = " (some lists could not be read)" if name in found.unsure else ""
        yield f"empty      {clean(name)}: no resource is left{doubt}"
    for name in found.missing or ():
        yield f"missing    {clean(name)}: Backstage has it, backstay.yaml does not"
    for name in found.gone or ():
        yield f"gone       {clean(name)}: backstay.yaml has it, Backstage does not"
    for name, (ours, theirs) in (found.owners or {}).items():
        yield f"owner      {clean(name)}: {clean(ours) or 'nobody'} here, {clean(theirs)} in Backstage"


def _shown(fact: "Fact") -> str:
    return f"{fact.provider}/{fact.region} {fact.product} {fact.name} {fact.resource}"


def _data(found: "Drift", unread: int) -> dict[str, Any]:
    resources = [
        {
            "provider": fact.provider,
            "region": fact.region,
            "product": fact.product,
            "name": fact.name,
            "resource": fact.resource,
        }
        for fact in found.unclaimed
    ]
    owners = None if found.owners is None else {name: {"ours": a, "theirs": b} for name, (a, b) in found.owners.items()}
    return {
        "schema": SCHEMA,
        "unread": unread,
        "unclaimed": resources,
        "empty": list(found.empty),
        "unsure": list(found.unsure),
        "missing": found.missing,
        "gone": found.gone,
        "owners": owners,
    }

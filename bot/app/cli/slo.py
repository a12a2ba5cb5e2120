"""`backstay slo`: error rate, latency and error budgets of the services now, read from their metrics."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import UNREAD, as_json, clear_errors, draw, fail, run, writable, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model.slos import SloReading

SCHEMA = "backstay.slo/1"


def slo(
    service: Annotated[str, typer.Argument(help="Only the objectives of this service.", show_default=False)] = "",
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    strict: Annotated[
        bool, typer.Option("--strict", "--fail-on-unread", help="Exit with 3 when any objective could not be read.")
    ] = False,
    config: options.Config = None,
) -> None:
    """Read error rate, latency and error budgets of your services now.

    They come from the metrics behind the OpenSLO files that services list under `slos:`.

    Exit code: 0 done, 2 bad usage or settings, 3 (only with --strict) an objective could not be read.
    """
    from bot.cards.messages.error_budget import no_slos_card, objectives_data, slo_card
    from bot.model import utc_now
    from bot.model.slos import SloState

    writable(output)
    with clear_errors():
        settings = options.settings(config)
        name = _known(settings, service)
        readings = run(_read(settings, name))
    states = [SloState(reading) for reading in readings]
    if form is Format.JSON:
        write(as_json({"schema": SCHEMA, "objectives": objectives_data(states)}), output)
    else:
        card = slo_card(states, service=name, now=utc_now()) if states else no_slos_card(name)
        write(draw(card, output), output)
    unread = sum(bool(reading.problem) for reading in readings)
    if strict and unread:
        fail(f"{unread} of {len(readings)} objectives could not be read", code=UNREAD)


def _known(settings: "Settings", service: str) -> str:
    """The service of this name, as the catalogue writes it."""
    from bot.catalogue import did_you_mean

    names = [known.name for known in settings.catalogue.services]
    found = next((name for name in names if name.lower() == service.lower()), "") if service else ""
    if service and not found:
        raise typer.BadParameter(f"no service {service!r}{did_you_mean(service, names)}")
    return found


async def _read(settings: "Settings", service: str) -> "Sequence[SloReading]":
    from bot.app.wiring.slos import slo_reader
    from bot.model import utc_now

    reader = slo_reader(settings, utc_now)
    return await reader.read(service) if reader else ()

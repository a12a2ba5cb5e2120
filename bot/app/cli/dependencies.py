"""`backstay dependencies`: lists guessed dependencies with their evidence."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import as_json, clear_errors, draw, fail, run, writable, write

if TYPE_CHECKING:
    from bot.app.settings import Settings

SCHEMA = "backstay.dependencies/1"


def dependencies(
    service: Annotated[str, typer.Argument(help="Only this service; default: all.")] = "",
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """List dependencies that nobody declared: guesses of the last audit with their evidence.

    They count in no score and no what-if until somebody confirms them in chat, or declares them under depends_on.
    """
    writable(output)
    with clear_errors():
        text = run(_listed(options.settings(config, "", None), service, form, output))
    write(text, output)


async def _listed(settings: "Settings", service: str, form: Format, output: Path | None) -> str:
    from bot.app.wiring.audit import open_audit_service
    from bot.audit.dependencies.answers import GuessAnswers
    from bot.cards.messages.guesses import guesses_card

    async with open_audit_service(settings) as audits:
        names = [known.name for known in await audits.services()]
        if service and service not in names:
            from bot.catalogue import did_you_mean

            fail(
                f"unknown service {service!r}{did_you_mean(service, names)}",
                f"Known: {', '.join(names[:12]) or 'none'}",
            )
        audited = await audits.latest() is not None
        guesses = [guess for guess in await GuessAnswers(audits).guesses() if not service or guess.service == service]
    card = guesses_card(guesses, page=None, service=service, audited=audited)
    if form is Format.JSON:
        return as_json({"schema": SCHEMA, **(card.data or {})})
    return draw(card, output)

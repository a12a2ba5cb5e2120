"""`backstay runbook`: a runbook from the kept copy, for when neither the wiki nor the chat can be read."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.delivery import opened_ledger
from bot.app.cli.options import Format
from bot.app.cli.terminal import as_json, clear_errors, fail, run, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model.records import RunbookCopy

SCHEMA = "backstay.runbook/1"


def runbook(
    service: Annotated[str, typer.Argument(help="The service.")],
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """Print a service's runbook from the kept copy: it needs neither the wiki nor the chat."""
    from bot.cards.sanitise import clean

    with clear_errors():
        copy = run(_read(options.settings(config), service))
    if form is Format.JSON:
        read = copy.read_at.isoformat() if copy.read_at else None
        row = {
            "schema": SCHEMA,
            "service": copy.service,
            "source": copy.source,
            "read_at": read,
            "problem": copy.problem,
        }
        return write(as_json(row | {"steps": list(copy.steps), "text": copy.text}), output)
    if copy.read_at is None:
        fail(
            f"the runbook of {service} was never read: {copy.problem}",
            "Correct `runbook:` of the service, then run `backstay audit`",
        )
    head = f"{copy.service}: copied {copy.read_at:%Y-%m-%d %H:%M} UTC from {clean(copy.source)}"
    note = f"\nThe last read failed: {clean(copy.problem)}" if copy.problem else ""
    lines = "\n".join(clean(line) for line in copy.text.splitlines())
    return write(f"{head}{note}\n\n{lines}", output)


async def _read(settings: "Settings", service: str) -> "RunbookCopy":
    from bot.catalogue import did_you_mean

    async with opened_ledger(settings) as ledger:
        copies = await ledger.runbooks()
    if service not in copies:
        hint = did_you_mean(service, list(copies))
        fail(
            f"no copy of a runbook of {service!r} is kept{hint}",
            "Set `runbook:` of the service, then run `backstay audit`",
        )
    return copies[service]

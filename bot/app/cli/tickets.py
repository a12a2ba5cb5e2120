"""`backstay tickets`: brings the tracker in line with the last audit, or says what it would do."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, as_json, clear_errors, fail, note, run, say, warn, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.audit.tickets.plan import PlannedStep
    from bot.audit.tickets.sync import TicketRun

SCHEMA = "backstay.tickets/1"


def tickets(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; list what would be done.")] = False,
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """Create, update and close tickets of failed findings in the tracker under `tickets:`.

    The last audit decides; run `backstay audit` first. A check that could not be read closes nothing.

    Exit code: 0 done, 1 a ticket could not be changed, 2 bad usage or settings, or the tracker does not answer.
    """
    with clear_errors():
        settings = options.settings(config)
        if settings.tickets.tracker is None:
            fail("no tracker is set", "Set `tickets: {tracker: github, project: owner/repository, token: env:TOKEN}`")
        done = run(_sync(settings, dry=dry_run))
    if form is Format.JSON:
        write(as_json(_data(done)), output)
    else:
        _print(done)
    raise typer.Exit(BELOW if done.problems else 0)


async def _sync(settings: "Settings", *, dry: bool) -> "TicketRun":
    from bot.app import logging_setup as logs
    from bot.app.wiring.audit import open_audit_service
    from bot.app.wiring.tickets import exclusively, ticket_sync
    from bot.audit.tickets.api import TrackerError
    from bot.model import utc_now

    logs.configure()
    async with open_audit_service(settings) as audits:
        audit = await audits.latest()
        if audit is None:
            fail("there was no audit yet", "Run `backstay audit`")
        async with ticket_sync(settings, audits.ledger, utc_now) as sync:
            try:
                if dry:
                    return await sync.run(audit.scorecard, dry=True)
                async with exclusively(audits.ledger) as lease:
                    if lease is None:
                        fail("another backstay is keeping the tickets now", "Use --dry-run, or stop the other one")
                    return await sync.run(audit.scorecard, held=lambda: lease.held)
            except TrackerError as error:
                fail(
                    f"the tickets cannot be listed: {error}",
                    "Check `tickets:` in backstay.yaml and the token's permissions",
                )


def _print(done: "TicketRun") -> None:
    from bot.audit.tickets.plan import TicketStep
    from bot.cards.sanitise import clean

    said = [step for step in done.steps if step.step is not TicketStep.LEAVE or not step.note.startswith("It is up")]
    for step in said:
        number = step.found.number if step.found else "-"
        say(f"{step.step.value:<7} {number:<10} {clean(step.service)} {step.check}  {clean(step.note)}")
    for step, reason in done.problems:
        warn(f"{step.step.value} {clean(step.service)} {step.check}: {reason}")
    fine = len(done.steps) - len(said)
    would = "would change" if done.dry else "changed"
    changed = sum(step.step is not TicketStep.LEAVE for step in done.steps)
    note(f"{changed} {would}, {fine} up to date, {done.left} left for the next run")


def _data(done: "TicketRun") -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "dry_run": done.dry,
        "left": done.left,
        "steps": [_row(step) for step in done.steps],
        "problems": [_row(step) | {"reason": reason} for step, reason in done.problems],
    }


def _row(step: "PlannedStep") -> dict[str, Any]:
    return {
        "step": step.step.value,
        "service": step.service,
        "check": step.check,
        "number": step.found.number if step.found else "",
        "url": step.found.url if step.found else "",
        "due": step.ticket.due.isoformat() if step.ticket else "",
        "note": step.note,
    }

"""`backstay send-test`, `receipts` and `audit-log`: whether routes deliver, what became of each message, and who did what."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, GREEN, RED, as_json, clear_errors, fail, note, run, say, warn, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model import Audience, Receipt
    from bot.storage.ledger import AuditLogEntry, Ledger

Since = Annotated[str, typer.Option(help="How far back: 90m, 24h, 7d.")]


def send_test(
    audience: Annotated[str, typer.Argument(help="The audience whose routes are tested.")],
    route: Annotated[str, typer.Option(help="Only this route, by its name.")] = "",
    wait: Annotated[str, typer.Option(help="How long to wait for each receipt.")] = "60s",
    form: options.TextOrJson = Format.TEXT,
    config: options.Config = None,
) -> None:
    """Send a marked test by each route of an audience, and print each outcome as it arrives.

    A delivered test counts as the route's monthly test.

    Exit code: 0 all were delivered, 1 at least one was not, 2 bad usage or settings.
    """
    patience = options.duration_of("--wait", wait)
    with clear_errors():
        settings = options.settings(config)
        tested = _audience(settings, audience)
        known = [spec.name for spec in tested.routes]
        if route and route not in known:
            from bot.catalogue import did_you_mean

            fail(f"{audience} has no route called {route!r}{did_you_mean(route, known)}", f"Routes: {', '.join(known)}")
        results: dict[str, str] = {}
        run(_send_tests(settings, tested, [route] if route else known, patience, results, form))
    if form is Format.JSON:
        rows = [{"route": name, "delivered": not problem, "problem": problem} for name, problem in results.items()]
        write(as_json(rows), None)
    raise typer.Exit(BELOW if any(results.values()) else 0)


def receipts(
    since: Since = "24h",
    audience: Annotated[str, typer.Option(help="Only messages to this audience.")] = "",
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """List what became of each message: its route, time and outcome.

    A message that went by a fallback route also has the reason why the route before failed.
    """
    begin = datetime.now(UTC) - options.duration_of("--since", since)
    with clear_errors():
        found = run(_receipts(options.settings(config), begin, audience))
    if form is Format.JSON:
        return write(as_json([_receipt_data(receipt) for receipt in found]), output)
    if not found:
        return note(f"no receipts in the last {since}")
    return _print_lines([_receipt_line(receipt) for receipt in found], output)


def audit_log(
    since: Since = "7d",
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """List who did what and when: broadcasts, waivers, attestations, refused requests."""
    begin = datetime.now(UTC) - options.duration_of("--since", since)
    with clear_errors():
        found = run(_entries(options.settings(config), begin))
    if form is Format.JSON:
        return write(as_json([_entry_data(entry) for entry in found]), output)
    if not found:
        return note(f"no entries in the last {since}")
    return _print_lines([_entry_line(entry) for entry in found], output)


def _print_lines(lines: Sequence[str], output: options.Output) -> None:
    if output is not None:
        return write("\n".join(lines), output)
    for line in lines:
        say(line)
    return None


async def _send_tests(
    settings: "Settings",
    audience: "Audience",
    names: Sequence[str],
    wait: timedelta,
    results: dict[str, str],
    form: Format,
) -> None:
    """Test the routes in order; `results` gets the problem of each, empty where the test was delivered."""
    import getpass

    from bot.app import logging_setup as logs
    from bot.app.wiring.audit import route_context
    from bot.delivery import Sender
    from bot.delivery.fallback_tests import send_test
    from bot.delivery.routing.registry import build_all

    logs.configure()
    async with opened_ledger(settings) as ledger:
        specs = [spec for spec in audience.routes if spec.name in names]
        routes, problems = build_all(specs, route_context(settings, ledger))
        for problem in problems:
            warn(problem)
        sender, actor = Sender(ledger, routes), f"cli:{getpass.getuser()}"
        for name in names:
            receipt = await send_test(sender, ledger, audience, name, asked_by=actor, wait=wait)
            results[name] = _test_problem(receipt, wait)
            if form is Format.TEXT:
                mark, colour = ("✗", RED) if results[name] else ("✓", GREEN)
                say(f"{mark} {name}: {results[name] or 'delivered'}", colour=colour)


def _test_problem(receipt: "Receipt | None", wait: timedelta) -> str:
    if receipt is None:
        return f"no receipt within {wait.total_seconds():g} s"
    return "" if receipt.outcome == "sent" else receipt.detail or receipt.outcome


async def _receipts(settings: "Settings", since: datetime, audience: str) -> Sequence["Receipt"]:
    async with opened_ledger(settings) as ledger:
        return await ledger.receipts(audience=audience, since=since, limit=10_000)


async def _entries(settings: "Settings", since: datetime) -> Sequence["AuditLogEntry"]:
    async with opened_ledger(settings) as ledger:
        return await ledger.entries(since, limit=10_000)


@asynccontextmanager
async def opened_ledger(settings: "Settings") -> AsyncIterator["Ledger"]:
    """The ledger of these settings, for the block."""
    from bot.storage.ledger import Ledger

    ledger = await Ledger.open(settings.ledger_address())
    try:
        yield ledger
    finally:
        await ledger.close()


def _audience(settings: "Settings", name: str) -> "Audience":
    from bot.catalogue import did_you_mean

    audiences = settings.catalogue.audiences
    if name not in audiences:
        known = ", ".join(audiences) or "none; add audiences: to backstay.yaml"
        fail(f"no audience is called {name!r}{did_you_mean(name, audiences)}", f"Audiences: {known}")
    return audiences[name]


def _receipt_line(receipt: "Receipt") -> str:
    detail = f"  {receipt.detail}" if receipt.detail else ""
    route = receipt.route or "-"
    return (
        f"{receipt.at:%Y-%m-%d %H:%M:%S}  {receipt.outcome:<10} {receipt.audience}  {route}  {receipt.message}{detail}"
    )


def _entry_line(entry: "AuditLogEntry") -> str:
    detail = json.dumps(dict(entry.detail), ensure_ascii=False) if entry.detail else ""
    return f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.actor}  {entry.action}  {detail}".rstrip()


def _receipt_data(receipt: "Receipt") -> dict[str, str]:
    return {
        "message": receipt.message,
        "audience": receipt.audience,
        "route": receipt.route,
        "outcome": receipt.outcome,
        "at": receipt.at.isoformat(),
        "detail": receipt.detail,
        "reference": receipt.reference,
    }


def _entry_data(entry: "AuditLogEntry") -> dict[str, object]:
    return {"at": entry.at.isoformat(), "actor": entry.actor, "action": entry.action, "detail": dict(entry.detail)}

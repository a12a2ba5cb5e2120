"""`backstay send-test`, `receipts`, `audit-log`: is there a way to people, what became of each post, and who did what?"""

import asyncio
import getpass
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors, console, fail, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model import Audience, Receipt
    from bot.storage.ledger import AuditLogEntry, Ledger


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


Since = Annotated[str, typer.Option(help="How far back: 90m, 24h, 7d.")]
Form = Annotated[Format, typer.Option("--format", help="How to write the answer.")]


def send_test(
    audience: Annotated[str, typer.Argument(help="Whose routes to test.")],
    route: Annotated[str, typer.Option(help="Only this route, by its name.")] = "",
    wait: Annotated[str, typer.Option(help="How long to wait for each receipt.")] = "60s",
    config: options.Config = None,
) -> None:
    """Post a marked test by each route of an audience and wait for the receipts.

    What arrives counts as the route's monthly test. Exit code: 0 all arrived, 1 some did not.
    """
    patience = duration_of("--wait", wait)
    with clear_errors():
        settings = options.settings(config)
        whose = _audience(settings, audience)
        known = [spec.name for spec in whose.routes]
        if route and route not in known:
            fail(f"{audience} has no route called {route!r}", f"It has {', '.join(known)}")
        receipts = asyncio.run(_send_tests(settings, whose, [route] if route else known, patience))
    for name, receipt in receipts.items():
        arrived = receipt is not None and receipt.outcome == "sent"
        said = receipt.detail or receipt.outcome if receipt else f"nothing heard within {wait}"
        console().print(f"{'✓' if arrived else '✗'} {name}: {'arrived' if arrived else said}", markup=False)
    lost = [name for name, receipt in receipts.items() if receipt is None or receipt.outcome != "sent"]
    raise typer.Exit(1 if lost else 0)


def receipts(
    since: Since = "24h",
    audience: Annotated[str, typer.Option(help="Only posts for this audience.")] = "",
    form: Form = Format.TEXT,
    config: options.Config = None,
) -> None:
    """What became of each post: by which route, when, and why not by the one before."""
    begin = datetime.now(UTC) - duration_of("--since", since)
    with clear_errors():
        found = asyncio.run(_receipts(options.settings(config), begin, audience))
    if form is Format.JSON:
        return write(json.dumps([_receipt_data(one) for one in found], indent=2, ensure_ascii=False), None)
    for one in found:
        detail = f"  {one.detail}" if one.detail else ""
        by = one.route or "-"
        console().print(
            f"{one.at:%Y-%m-%d %H:%M:%S}  {one.outcome:<10} {one.audience}  {by}  {one.message}{detail}", markup=False
        )
    if not found:
        console(stderr=True).print(f"no receipts in the last {since}", markup=False)
    return None


def audit_log(since: Since = "7d", form: Form = Format.TEXT, config: options.Config = None) -> None:
    """Who did what: broadcasts, waivers, attestations, refusals, each with its moment."""
    begin = datetime.now(UTC) - duration_of("--since", since)
    with clear_errors():
        found = asyncio.run(_entries(options.settings(config), begin))
    if form is Format.JSON:
        return write(json.dumps([_entry_data(one) for one in found], indent=2, ensure_ascii=False), None)
    for one in found:
        detail = json.dumps(dict(one.detail), ensure_ascii=False) if one.detail else ""
        console().print(f"{one.at:%Y-%m-%d %H:%M:%S}  {one.actor}  {one.action}  {detail}", markup=False)
    if not found:
        console(stderr=True).print(f"nothing in the last {since}", markup=False)
    return None


async def _send_tests(
    settings: "Settings", audience: "Audience", names: Sequence[str], wait: timedelta
) -> dict[str, "Receipt | None"]:
    from bot.app import logging_setup as logs
    from bot.app.wiring.audit import route_context
    from bot.delivery import Sender
    from bot.delivery.fallback_tests import prove
    from bot.delivery.routing.registry import build_all

    logs.configure()
    async with opened_ledger(settings) as ledger:
        specs = [spec for spec in audience.routes if spec.name in names]
        routes, problems = build_all(specs, route_context(settings, ledger))
        for problem in problems:
            console(stderr=True).print(problem, markup=False)
        sender, actor = Sender(ledger, routes), f"cli:{getpass.getuser()}"
        return {name: await prove(sender, ledger, audience, name, asked_by=actor, wait=wait) for name in names}


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
        fail(f"no audience is called {name!r}{did_you_mean(name, audiences)}", f"There are: {known}")
    return audiences[name]


def duration_of(option: str, text: str) -> timedelta:
    """What an option says, up to ten years; else told as a mistake (exit code 2)."""
    from bot.catalogue import duration

    try:
        found = duration(text)
    except ValueError:
        fail(f"{option} {text!r} is no duration", "Write 60s, 90m, 24h or 7d")
    if not timedelta(0) < found <= timedelta(days=3660):
        fail(f"{option} {text} is out of range", "Write 60s, 90m, 24h or 7d")
    return found


def _receipt_data(one: "Receipt") -> dict[str, str]:
    return {
        "message": one.message,
        "audience": one.audience,
        "route": one.route,
        "outcome": one.outcome,
        "at": one.at.isoformat(),
        "detail": one.detail,
        "reference": one.reference,
    }


def _entry_data(one: "AuditLogEntry") -> dict[str, object]:
    return {"at": one.at.isoformat(), "actor": one.actor, "action": one.action, "detail": dict(one.detail)}

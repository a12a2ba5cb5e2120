"""`backstay incidents`: what happened, from the ledger alone; one incident in full, also as a draft post-mortem."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.app.cli import options
from bot.app.cli.delivery import opened_ledger
from bot.app.cli.options import Format
from bot.app.cli.terminal import as_json, clear_errors, draw, fail, note, run, say, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model.checklists import Checklist
    from bot.model.incidents import Incident, NotificationReceipt

SCHEMA = "backstay.incidents/1"


def incidents(
    incident: Annotated[
        str,
        typer.Argument(
            help="The id of one incident, or its first characters; else all are listed.", show_default=False
        ),
    ] = "",
    since: Annotated[str, typer.Option(help="How far back resolved incidents are listed: 24h, 7d.")] = "7d",
    form: Annotated[Format, options.formats(Format.TEXT, Format.JSON, Format.MARKDOWN)] = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """List incidents, or print one with its timeline, notifications and cost.

    `INCIDENT --format md` drafts a post-mortem.
    """
    begin = datetime.now(UTC) - options.duration_of("--since", since)
    with clear_errors():
        settings = options.settings(config)
        found, notifications, checklists = run(_read(settings, incident, begin))
    if incident:
        return write(_in_full(found[0], notifications, checklists, settings.currency, form, output), output)
    if form is Format.JSON:
        return write(as_json({"schema": SCHEMA, "incidents": [_data(listed) for listed in found]}), output)
    if form is Format.MARKDOWN:
        return write(_markdown_table(found), output)
    if not found:
        return note(f"no incidents in the last {since}")
    return _print_list(found, output)


async def _read(
    settings: "Settings", wanted: str, since: datetime
) -> "tuple[Sequence[Incident], Sequence[NotificationReceipt], Sequence[Checklist]]":
    async with opened_ledger(settings) as ledger:
        begin = datetime.fromtimestamp(0, UTC) if wanted else since
        known = [incident for incident in await ledger.incidents_since(begin) if wanted or not incident.part_of]
        if not wanted:
            return known[::-1], (), ()
        found = _by_id(known, wanted)
        return [found], await ledger.notification_receipts(found.id), await ledger.checklists(found.id)


def _by_id(known: "Sequence[Incident]", wanted: str) -> "Incident":
    from bot.catalogue import did_you_mean

    exact = [incident for incident in known if incident.id == wanted]
    found = exact or [incident for incident in known if incident.id.startswith(wanted)]
    if len(found) != 1:
        ids = [incident.id for incident in known]
        several = ", ".join(incident.id for incident in found[:5])
        problem = (
            f"{wanted!r} matches {several}" if found else f"no incident is called {wanted!r}{did_you_mean(wanted, ids)}"
        )
        fail(problem, "`backstay incidents` lists them" + ("" if ids else "; the ledger has none"))
    return found[0]


def _in_full(
    incident: "Incident",
    notifications: "Sequence[NotificationReceipt]",
    checklists: "Sequence[Checklist]",
    currency: str,
    form: Format,
    output: Path | None,
) -> str:
    from bot.cards.messages.checklist_steps import checklist_data, with_checklists
    from bot.cards.messages.incident import incident_card
    from bot.cards.messages.incident_resolved import closed_card
    from bot.incidents.post_mortem import post_mortem

    now = datetime.now(UTC)
    if form is Format.JSON:
        receipts = [_notification_data(notification) for notification in notifications]
        lists = [checklist_data(checklist) for checklist in checklists]
        return as_json({"schema": SCHEMA, "incident": _data(incident), "told": receipts, "checklists": lists})
    if form is Format.MARKDOWN:
        return post_mortem(incident, notifications, now=now, currency=currency, checklists=checklists)
    if incident.open:
        return draw(with_checklists(incident_card(incident, currency=currency), checklists), output)
    closed = closed_card(incident, notifications, now=now, currency=currency)
    return draw(with_checklists(closed, checklists), output)


def _markdown_table(found: "Sequence[Incident]") -> str:
    from bot.net.markdown import inert

    rows = [
        f"| {incident.started_at:%Y-%m-%d %H:%M} | {incident.id} | {incident.phase} | {inert(incident.title)} "
        f"| {_affected(incident)}{_seen(incident)} |"
        for incident in found
    ]
    head = ("| Started (UTC) | Incident | State | What | Affected services |", "| --- | --- | --- | --- | --- |")
    return "\n".join((*head, *rows))


def _print_list(found: "Sequence[Incident]", output: Path | None) -> None:
    from bot.cards.sanitise import clean

    lines = [
        f"{incident.started_at:%Y-%m-%d %H:%M}  {incident.phase:<10} {incident.id}  {clean(incident.title)}  "
        f"{_affected(incident)}{_seen(incident)}"
        for incident in found
    ]
    if output is not None:
        return write("\n".join(lines), output)
    for line in lines:
        say(line)
    return None


def _affected(incident: "Incident") -> str:
    """`4 services affected`, `2 services may be affected`, and the state where it is anything but down."""
    from bot.cards.messages.outage_words import impact, worst_first
    from bot.cards.wording import count
    from bot.model.incidents import OutageState

    state = "our own network" if incident.ours else incident.outage.value
    state = "" if state == OutageState.DOWN else f", {state}"
    affected = worst_first(incident.affected)
    if not affected:
        return f"no service affected{state}"
    how = impact(incident, affected[0].fate).text if incident.outage is not OutageState.DOWN else "affected"
    return f"{count(len(affected), 'service')} {how}{state}"


def _seen(incident: "Incident") -> str:
    """`, seen 2026-11-23 09:00` where its page dates the start earlier than we saw it."""
    begun, seen = (f"{at:%Y-%m-%d %H:%M}" for at in (incident.started_at, incident.onset_at))
    return "" if begun == seen else f", seen {seen}"


def _data(incident: "Incident") -> Any:
    from pydantic import TypeAdapter

    from bot.model.incidents import Incident

    return TypeAdapter(Incident).dump_python(incident, mode="json")


def _notification_data(notification: "NotificationReceipt") -> dict[str, str | None]:
    return {
        "audience": notification.audience,
        "why": notification.why,
        "posted_at": notification.posted_at.isoformat(),
        "at": notification.at.isoformat() if notification.at else None,
        "route": notification.route,
        "problem": notification.problem,
    }

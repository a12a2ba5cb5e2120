"""`backstay doctor`: checks settings, credentials, permissions, routes, and whether fallbacks share fate with the primary."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.doctor_line import Line, State, verdict
from bot.app.cli.options import Format
from bot.app.cli.terminal import (
    BELOW,
    BOLD,
    GREEN,
    RED,
    STARTED,
    YELLOW,
    as_json,
    clear_errors,
    run,
    say,
    writable,
    write,
)

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model import Audience

SCHEMA = "backstay.doctor/1"
_MARK: dict[State, tuple[str, str]] = {
    "ok": ("✓ ok  ", GREEN),
    "warning": ("! warn", YELLOW),
    "problem": ("✗ fix ", RED),
}
_END = 1.4
"""Seconds of the limit for starting the interpreter, for the answer, and for ending this process."""
_LEAST = 1.0
"""Seconds for the calls, however short the limit is."""


def doctor(
    config: options.Config = None,
    profile: options.Profile = "",
    regions: options.Regions = None,
    read: Annotated[bool, typer.Option(help="Try the calls of an audit, to name missing permissions.")] = True,
    call: Annotated[bool, typer.Option(help="Prove tokens and routes by calls that nobody sees.")] = True,
    within: Annotated[str, typer.Option(help="End in this time; the rest is listed as not tried.")] = "10s",
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
) -> None:
    """Check settings, credentials, permissions, routes, and fallbacks that share fate.

    Each action of AWS is tried by a small call, most regions after one region is complete. Other clouds are read as by an audit.
    The last line is the verdict.

    Exit code: 0 nothing to fix (there may be warnings), 1 something to fix, 2 bad usage or settings.
    """
    until = STARTED + options.duration_of("--within", within).total_seconds() - _END
    writable(output)
    with clear_errors():
        settings = options.settings(config, profile, regions)
        code = run(_diagnose(settings, until, form, output, read=read, call=call))
    raise typer.Exit(code)


async def _diagnose(
    settings: "Settings", until: float, form: Format, output: Path | None, *, read: bool, call: bool
) -> int:
    """Examine, print the lines and the verdict, and return the exit code."""
    lines = await _examine(settings, until, read=read, call=call)
    _print(lines, form, output)
    code = BELOW if any(line.state == "problem" for line in lines) else 0
    if any(line.late for line in lines):
        # A thread that still waits (for a name server, for a socket) would keep the interpreter from ending.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _print(lines: Sequence[Line], form: Format, output: Path | None) -> None:
    said = verdict(lines)
    if form is Format.JSON:
        found = [{"state": line.state, "about": line.about, "detail": line.detail} for line in lines]
        write(as_json({"schema": SCHEMA, "verdict": said, "lines": found}), output)
    elif output is not None:
        write("\n".join([*(f"{_MARK[line.state][0]}  {line.about}: {line.detail}" for line in lines), said]), output)
    else:
        for line in lines:
            mark, colour = _MARK[line.state]
            say(f"{mark}  {line.about}: {line.detail}", colour=colour if line.state != "ok" else "")
        say(said, colour=BOLD)


async def _examine(settings: "Settings", until: float, *, read: bool, call: bool) -> list[Line]:
    from bot.app.cli.doctor_account import account_lines
    from bot.app.cli.doctor_calls import in_time, proven_by_calls
    from bot.app.cli.doctor_clouds import cloud_lines
    from bot.app.cli.doctor_monitors import monitor_lines
    from bot.app.cli.doctor_rehearsals import rehearsal_lines
    from bot.app.cli.doctor_slos import slo_lines

    until = max(until, time.monotonic() + _LEAST)
    ledger, account, clouds, watching, budgets, rehearsed, proofs = await asyncio.gather(
        in_time("ledger", _ledger(settings), until),
        in_time("AWS", account_lines(settings, until), until, "problem") if read else _nothing(),
        cloud_lines(settings, until) if read else _nothing(),
        monitor_lines(settings, until) if read else _nothing(),
        slo_lines(settings, until) if read else _nothing(),
        rehearsal_lines(settings, until) if read else _nothing(),
        proven_by_calls(settings, datetime.now(UTC), until) if call else _nothing(),
    )
    lines = [*_settings(settings), *ledger, *account, *clouds, *watching, *budgets, *rehearsed]
    for audience in settings.catalogue.audiences.values():
        lines += _routes(settings, audience)
    if not settings.catalogue.audiences:
        lines.append(Line("warning", "audiences", "none, so nobody is notified. Add audiences: to backstay.yaml"))
    return [
        *lines,
        *proofs,
        *_slack(settings),
        *_teams(settings),
        *_roles(settings),
        *_without_chat(settings),
        *_sources(settings),
    ]


async def _nothing() -> list[Line]:
    return []


def _settings(settings: "Settings") -> Iterator[Line]:
    if settings.path is None:
        yield Line("warning", "backstay.yaml", "none: the account is the catalogue. `backstay init` writes one")
    else:
        count = len(settings.catalogue.entries)
        yield Line("ok", str(settings.path), f"{count} services, {len(settings.catalogue.audiences)} audiences")
    for problem in settings.catalogue.warnings:
        yield Line("warning", "settings", str(problem))


async def _ledger(settings: "Settings") -> list[Line]:
    from bot.storage.ledger import Ledger, LedgerError

    try:
        ledger = await Ledger.open(settings.ledger_address())
    except LedgerError as error:
        return [Line("problem", "ledger", str(error))]
    last = await ledger.last_audit_at()
    await ledger.close()
    return [Line("ok", "ledger", f"last audit {last:%Y-%m-%d %H:%M} UTC" if last else "no audit so far")]


def _routes(settings: "Settings", audience: "Audience") -> Iterator[Line]:
    from bot.app.wiring.audit import route_context
    from bot.catalogue import ConfigError
    from bot.delivery.routing.registry import build
    from bot.net.http import RouteError

    about = f"audience {audience.name}"
    for spec in audience.routes:
        try:
            build(spec, route_context(settings))
        except (ConfigError, RouteError) as error:
            yield Line("problem", about, str(error))
        else:
            yield Line("ok", about, f"{spec.name} is set up")
    clouds = settings.catalogue.route_runs_on
    primary, *fallbacks = [(spec.name, clouds.get(spec.name)) for spec in audience.routes] or [("", None)]
    if not fallbacks:
        yield Line("warning", about, "no fallback route: nobody is notified while its platform is down. Add a route")
    for name, runs_on in fallbacks:
        yield _fate(about, primary, name, runs_on)


def _fate(about: str, primary: tuple[str, tuple[str, ...] | None], name: str, runs_on: tuple[str, ...] | None) -> Line:
    if runs_on is None or primary[1] is None:
        unknown = name if runs_on is None else primary[0]
        return Line("warning", about, f"unknown cloud of {unknown}; set runs_on: so that shared fate can be checked")
    shared = sorted({cloud.partition("/")[0] for cloud in runs_on} & {cloud.partition("/")[0] for cloud in primary[1]})
    if shared:
        return Line("warning", about, f"{name} shares fate with {primary[0]}: both run on {', '.join(shared)}")
    return Line("ok", about, f"{name} does not share fate with {primary[0]}")


def _without_chat(settings: "Settings") -> Iterator[Line]:
    from urllib.parse import urlsplit

    from bot.catalogue import ConfigError
    from bot.net.egress import ForbiddenError

    hooks, heartbeat = settings.hooks, settings.heartbeat.url
    if not hooks.enabled:
        detail = "not set up: no commands or broadcasts while chat is down. Add hooks: {token: env:...}"
        yield Line("warning", "hooks", detail)
    named = {"hooks.token": hooks.token, "hooks.secret": hooks.secret, "heartbeat.url": heartbeat}
    for name, reference in named.items():
        try:
            found = settings.secret(reference)
            if name == "heartbeat.url" and reference:
                settings.outgoing.check(urlsplit(found).hostname or "")
        except (ConfigError, ForbiddenError) as error:
            yield Line("problem", name, str(error))
        except ValueError:
            yield Line("problem", name, "is no address")
        else:
            if reference:
                yield Line("ok", name, "is set")
    if not heartbeat:
        detail = "not set up: an outage of backstay would go unnoticed. Add heartbeat: env:..."
        yield Line("warning", "heartbeat", detail)
    if not settings.admin_audience:
        yield Line("warning", "admin_audience", "not set: dead routes are reported in the log only")


def _sources(settings: "Settings") -> Iterator[Line]:
    """Webhook sources of alerts, and the servers that signals are reported to."""
    from urllib.parse import urlsplit

    sources = settings.hooks.sources
    for source in sources:
        about = f"hook {source.name}"
        for name in ("token", "secret"):
            if reference := getattr(source, name):
                yield _secret(settings, about, name, reference, shortest=16)
        for topic in source.topics:
            yield Line("ok", about, f"accepts {topic}; subscribe POST /hooks/in/{source.name} to it")
        if source.about is None and source.format != "backstay":
            yield Line("warning", about, "about: is not set, so alerts that name no scope go to every audience")
    if sources and not settings.web.public_url:
        yield Line("warning", "hooks", "web.public_url is not set; check that alert senders can reach this server")
    for report in settings.watch.report_to:
        yield _secret(settings, f"report to {urlsplit(report.url).hostname}", "secret", report.secret, shortest=16)


def _slack(settings: "Settings") -> Iterator[Line]:
    slack = settings.slack
    if not slack.enabled:
        yield Line("warning", "Slack", "not set up: slack.bot_token is not set")
        return
    for name in ("bot_token", "app_token" if slack.over_socket else "signing_secret"):
        yield _secret(settings, "Slack", f"slack.{name}", getattr(slack, name))


def _teams(settings: "Settings") -> Iterator[Line]:
    teams = settings.teams
    if not teams.app_id:
        if teams.allow_anonymous:
            yield Line("warning", "Teams", "answers anybody on this machine: teams.app_id is not set")
        return
    yield _secret(settings, "Teams", "teams.app_password", teams.app_password)
    if teams.tenant_id:
        yield Line("ok", "Teams", f"answers tenant {teams.tenant_id} only")
    else:
        yield Line("problem", "Teams", "teams.tenant_id is not set: Microsoft registers new apps in one tenant")


def _roles(settings: "Settings") -> Iterator[Line]:
    """Who may act in chat, where there is a chat."""
    from bot.model import Role

    roles = settings.roles
    if not (settings.slack.enabled or settings.teams.enabled):
        return
    if roles.everyone is Role.VIEWER and not roles.holders[Role.RESPONDER]:
        detail = "nobody may acknowledge, broadcast or subscribe. Name people or groups under roles.responder"
        yield Line("warning", "roles", detail)
    if roles.everyone is not Role.ADMIN and not roles.admin:
        yield Line("warning", "roles", "nobody may waive a failed check. Name people or groups under roles.admin")
    if roles.everyone is not Role.VIEWER:
        yield Line("warning", "roles", f"every member may broadcast: roles.everyone is {roles.everyone}")
    if roles.external is not None:
        may = "read everything" if roles.external is Role.VIEWER else "broadcast"
        yield Line("warning", "roles", f"guests and other organizations may {may}: roles.external is {roles.external}")
    if roles.holders[Role.RESPONDER]:
        yield Line("ok", "roles", f"{len(set(roles.holders[Role.RESPONDER]))} people and groups may act")


def _secret(settings: "Settings", about: str, name: str, reference: str | None, *, shortest: int = 1) -> Line:
    from bot.catalogue import ConfigError

    if reference is None:
        return Line("problem", about, f"{name} is not set")
    try:
        found = settings.secret(reference)
    except ConfigError as error:
        return Line("problem", about, f"{name}: {error}")
    if len(found) < shortest:
        return Line("problem", about, f"{name} is shorter than {shortest} characters and can be guessed")
    return Line("ok", about, f"{name} is set")

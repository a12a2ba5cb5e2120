"""`backstay doctor`: is everything in place for the day it is needed? Settings, credentials, permissions, routes, shared fate."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table
from rich.text import Text

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors, console, progress

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model import Audience, Audit

State = Literal["ok", "warning", "problem"]
_MARK: dict[State, tuple[str, str]] = {
    "ok": ("✓ ok", "green"),
    "warning": ("! look", "yellow"),
    "problem": ("✗ mend", "bold red"),
}
_DENIED = re.compile(r"AccessDenied for ([a-z0-9-]+:[A-Za-z0-9*]+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    state: State
    about: str
    said: str


def doctor(
    config: options.Config = None,
    profile: options.Profile = "",
    regions: options.Regions = None,
    read: Annotated[bool, typer.Option(help="Read the account, to name the permissions that are missing.")] = True,
) -> None:
    """Look at settings, credentials, permissions, routes, and whether fallbacks share the fate of the primary.

    Exit code: 0 nothing is broken (there may be advice), 1 something must be mended, 2 the settings cannot be read.
    """
    with clear_errors():
        settings = options.settings(config, profile, regions)
        lines = asyncio.run(_examine(settings, read=read))
    table = Table("", "Looked at", "Found", box=None, pad_edge=False)
    for line in lines:
        mark, style = _MARK[line.state]
        table.add_row(f"[{style}]{mark}[/]", line.about, Text(line.said))
    console().print(table)
    raise typer.Exit(1 if any(line.state == "problem" for line in lines) else 0)


async def _examine(settings: "Settings", *, read: bool) -> list[Line]:
    lines = [*_settings(settings), *await _ledger(settings)]
    lines += await _account(settings) if read else []
    for audience in settings.catalogue.audiences.values():
        lines += _routes(settings, audience)
    if not settings.catalogue.audiences:
        lines.append(Line("warning", "audiences", "none: nobody gets a weekly post. Add audiences: to backstay.yaml"))
    return [*lines, *_slack(settings), *_teams(settings), *_when_chat_is_dead(settings), *_sources(settings)]


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
    last = await ledger.last_audit_blob()
    await ledger.close()
    told = f"last audit {last[0]:%Y-%m-%d %H:%M} UTC" if last else "no audit so far"
    return [Line("ok", "ledger", told)]


async def _account(settings: "Settings") -> list[Line]:
    from bot.app.wiring.audit import open_review
    from bot.model import UnusableError

    try:
        async with open_review(settings) as review:
            with progress("reading") as report:
                audit = await review.audit((), report)
    except UnusableError as error:
        return [Line("problem", "AWS", f"{error}. {error.mend}".strip())]
    facts = audit.collected
    lines = [Line("ok", "AWS", f"accounts {', '.join(facts.accounts) or 'none'}: {len(facts.facts)} facts read")]
    denied = missing_permissions(audit)
    if denied:
        lines.append(Line("problem", "permissions", "missing: " + ", ".join(denied)))
        lines.append(Line("problem", "permissions", "grant them with manifest/aws-read-only-policy.json"))
    other = sorted(
        {f"{gap.account} {gap.region}: {gap.reason}" for gap in facts.gaps if not _DENIED.search(gap.reason)}
    )
    lines += [Line("problem", "not read", reason) for reason in other]
    if not denied and not other:
        lines.append(Line("ok", "permissions", "everything that the checks need could be read"))
    return lines


def missing_permissions(audit: "Audit") -> list[str]:
    """IAM actions that were refused, by name: for whole listings and for single fields of facts."""
    from checks import Unread

    reasons = {gap.reason for gap in audit.collected.gaps}
    for fact in audit.collected.facts:
        reasons |= {value.reason for one in fields(fact) if isinstance(value := getattr(fact, one.name), Unread)}
    return sorted({found for reason in reasons for found in _DENIED.findall(reason)})


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
        yield Line("warning", about, "has one route only: when its platform is down nobody is told. Add a fallback")
    for name, runs_on in fallbacks:
        yield _fate(about, primary, name, runs_on)


def _fate(about: str, primary: tuple[str, tuple[str, ...] | None], name: str, runs_on: tuple[str, ...] | None) -> Line:
    if runs_on is None or primary[1] is None:
        unknown = name if runs_on is None else primary[0]
        return Line("warning", about, f"where {unknown} runs is not known; say runs_on: to tell shared fate")
    shared = sorted({cloud.partition("/")[0] for cloud in runs_on} & {cloud.partition("/")[0] for cloud in primary[1]})
    if shared:
        return Line("warning", about, f"{name} shares the fate of {primary[0]}: both run on {', '.join(shared)}")
    return Line("ok", about, f"{name} stands elsewhere than {primary[0]}")


def _when_chat_is_dead(settings: "Settings") -> Iterator[Line]:
    from urllib.parse import urlsplit

    from bot.catalogue import ConfigError
    from bot.net.egress import ForbiddenError

    hooks, beat = settings.hooks, settings.heartbeat.url
    if not hooks.enabled:
        yield Line(
            "warning", "hooks", "not set up: when chat is dead nobody can ask or broadcast. Add hooks: {token: env:…}"
        )
    named = {"hooks.token": hooks.token, "hooks.secret": hooks.secret, "heartbeat.url": beat}
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
                yield Line("ok", name, "is there")
    if not beat:
        yield Line("warning", "heartbeat", "not set up: nobody notices when backstay itself dies. Add heartbeat: env:…")
    if not settings.admin_audience:
        yield Line("warning", "admin_audience", "not set: that a route is dead is told to the log alone")


def _sources(settings: "Settings") -> Iterator[Line]:
    """Whose alerts come in, and whom what is seen from here is reported to."""
    from urllib.parse import urlsplit

    sources = settings.hooks.sources
    for one in sources:
        about = f"hook {one.name}"
        for name in ("token", "secret"):
            if reference := getattr(one, name):
                yield _secret(settings, about, name, reference, shortest=16)
        for topic in one.topics:
            yield Line("ok", about, f"takes {topic}; subscribe POST /hooks/in/{one.name} to it")
        if one.about is None and one.format != "backstay":
            yield Line("warning", about, "has no about: what its alerts do not place themselves is told to everybody")
    if sources and not settings.web.public_url:
        yield Line("warning", "hooks", "web.public_url is not set: is the address reached by those who send alerts?")
    for report in settings.watch.report_to:
        yield _secret(settings, f"report to {urlsplit(report.url).hostname}", "secret", report.secret, shortest=16)


def _slack(settings: "Settings") -> Iterator[Line]:
    slack = settings.slack
    if not slack.enabled:
        yield Line("warning", "Slack", "not set up: slack.bot_token is missing")
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
        yield Line("ok", "Teams", f"only tenant {teams.tenant_id} may ask")
    else:
        yield Line("problem", "Teams", "teams.tenant_id is missing: new apps are registered in one tenant")


def _secret(settings: "Settings", about: str, name: str, reference: str | None, *, shortest: int = 1) -> Line:
    from bot.catalogue import ConfigError

    if reference is None:
        return Line("problem", about, f"{name} is missing")
    try:
        found = settings.secret(reference)
    except ConfigError as error:
        return Line("problem", about, f"{name}: {error}")
    if len(found) < shortest:
        return Line("problem", about, f"{name} is shorter than {shortest} characters: it can be guessed")
    return Line("ok", about, f"{name} is there")

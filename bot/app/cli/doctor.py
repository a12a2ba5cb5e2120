"""`backstay doctor`: checks settings, credentials, permissions, routes, and whether fallbacks share fate with the primary."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, GREEN, RED, YELLOW, as_json, clear_errors, progress, run, say, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model import Audience, Audit

SCHEMA = "backstay.doctor/1"
State = Literal["ok", "warning", "problem"]
_MARK: dict[State, tuple[str, str]] = {
    "ok": ("✓ ok  ", GREEN),
    "warning": ("! warn", YELLOW),
    "problem": ("✗ fix ", RED),
}
_DENIED = re.compile(r"access denied to ([a-z0-9-]+:[A-Za-z0-9*]+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One result: what was checked, and what was found."""

    state: State
    about: str
    detail: str


def doctor(
    config: options.Config = None,
    profile: options.Profile = "",
    regions: options.Regions = None,
    read: Annotated[bool, typer.Option(help="Read the account, to name missing permissions.")] = True,
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
) -> None:
    """Check settings, credentials, permissions, routes, and fallbacks that share fate.

    Exit code: 0 nothing to fix (there may be warnings), 1 something to fix, 2 bad usage or settings.
    """
    with clear_errors():
        settings = options.settings(config, profile, regions)
        lines = run(_examine(settings, read=read))
    if form is Format.JSON:
        write(as_json({"schema": SCHEMA, "lines": [asdict(line) for line in lines]}), output)
    elif output is not None:
        write("\n".join(f"{_MARK[line.state][0]}  {line.about}: {line.detail}" for line in lines), output)
    else:
        for line in lines:
            mark, colour = _MARK[line.state]
            say(f"{mark}  {line.about}: {line.detail}", colour=colour if line.state != "ok" else "")
    raise typer.Exit(BELOW if any(line.state == "problem" for line in lines) else 0)


async def _examine(settings: "Settings", *, read: bool) -> list[Line]:
    lines = [*_settings(settings), *await _ledger(settings)]
    lines += await _account(settings) if read else []
    for audience in settings.catalogue.audiences.values():
        lines += _routes(settings, audience)
    if not settings.catalogue.audiences:
        lines.append(Line("warning", "audiences", "none, so nobody is notified. Add audiences: to backstay.yaml"))
    return [
        *lines,
        *_slack(settings),
        *_teams(settings),
        *_roles(settings),
        *_without_chat(settings),
        *_sources(settings),
    ]


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
    return [Line("ok", "ledger", f"last audit {last[0]:%Y-%m-%d %H:%M} UTC" if last else "no audit so far")]


async def _account(settings: "Settings") -> list[Line]:
    from bot.app.wiring.audit import open_audit_service
    from bot.model import UnusableError

    try:
        async with open_audit_service(settings) as audits:
            with progress("reading") as report:
                audit = await audits.audit((), report)
    except UnusableError as error:
        return [Line("problem", "AWS", f"{error}. {error.fix}".strip())]
    collected = audit.collected
    accounts = ", ".join(collected.accounts) or "none"
    lines = [Line("ok", "AWS", f"accounts {accounts}: {len(collected.facts)} facts read")]
    denied = missing_permissions(audit)
    if denied:
        lines.append(Line("problem", "permissions", "missing: " + ", ".join(denied)))
        lines.append(Line("problem", "permissions", "grant them: `backstay manifest aws` prints the policy"))
    other = sorted(
        {f"{gap.account} {gap.region}: {gap.reason}" for gap in collected.gaps if not _DENIED.search(gap.reason)}
    )
    lines += [Line("problem", "not read", reason) for reason in other]
    if not denied and not other:
        lines.append(Line("ok", "permissions", "all facts that the checks need are readable"))
    return lines


def missing_permissions(audit: "Audit") -> list[str]:
    """IAM actions that were denied, sorted: for whole listings and for single fields of facts."""
    from checks import Unread

    reasons = {gap.reason for gap in audit.collected.gaps}
    for fact in audit.collected.facts:
        reasons |= {value.reason for field in fields(fact) if isinstance(value := getattr(fact, field.name), Unread)}
    return sorted({action for reason in reasons for action in _DENIED.findall(reason)})


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

"""The checked file -> the Catalogue: names become services, scopes, audiences and routes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.catalogue.audiences import AudienceScheduleSection, AudienceSection, RouteSection
from bot.catalogue.model import (
    Account,
    Catalogue,
    CatalogueEntry,
    Declared,
    DeclaredAttestation,
    DeclaredDeployment,
    DeclaredDrill,
    DeclaredRunbook,
    Selector,
)
from bot.catalogue.names import KnownNames, target
from bot.catalogue.providers import known_providers
from bot.catalogue.saas import SAAS
from bot.catalogue.schema import AccountSection, CatalogueFile, ProviderSection, RunbookSection, ServiceSection
from bot.model import Audience, RouteSpec, Schedule
from bot.model.providers import KnownProvider
from bot.model.slos import DeclaredSlo
from checks import DEFAULT_TIERS, Dependency, Scope, Service, Tier, Waiver

# Clouds that the platforms of routes run on: Slack and PagerDuty on AWS, Teams on Azure, by their vendors' own reports.
_PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "slack": ("aws",),
    "teams": ("azure",),
    "teams_workflow": ("azure",),
    "pagerduty": ("aws",),
}


_WEB_OR_GIT = frozenset({"http", "https", "git+https", "git+ssh", "git+http", "ssh"})


def resolve(file: CatalogueFile, known: KnownNames, beside: Path) -> Catalogue:
    """Build the catalogue. `beside` is the directory that relative paths in the file start from."""
    tiers = _tiers(file)
    routes = _Routes(beside)
    audiences = {name: _audience(name, section, file, routes) for name, section in file.audiences.items()}
    return Catalogue(
        organisation=file.organisation,
        currency=file.currency,
        timezone=file.timezone,
        tiers=tiers,
        entries=tuple(_entry(section, tiers, known, beside) for section in file.services),
        audiences=audiences,
        accounts=tuple(_account(section, beside) for section in file.accounts),
        waivers_on_record=tuple(_waivers(file.services)),
        runs_on={name: on for name, on in SAAS.items() if on}
        | {provider.name: provider.runs_on for provider in file.providers if provider.runs_on},
        route_runs_on=routes.runs_on,
        providers={**known_providers(), **{provider.name: _provider(provider, beside) for provider in file.providers}},
    )


def _provider(section: ProviderSection, beside: Path) -> KnownProvider:
    """Merge the file's provider over the built-in one. The format of a feed from the file is detected."""
    base = known_providers().get(section.name, KnownProvider(section.name, title=section.name))
    return replace(
        base,
        feed=section.feed or base.feed,
        format="" if section.feed else base.format,
        runs_on=section.runs_on or base.runs_on,
        aliases=section.aliases or base.aliases,
        private=section.private,
        headers={
            name: anchored(value, beside) if value.startswith("file:") else value
            for name, value in section.headers.items()
        },
    )


def _tiers(file: CatalogueFile) -> dict[int, Tier]:
    tiers = dict(DEFAULT_TIERS)
    for number, section in file.tiers.items():
        base = tiers.get(number, Tier(number, 1))
        tiers[number] = Tier(
            number,
            section.weight if section.weight is not None else base.weight,
            section.rto if section.rto is not None else base.rto,
            section.rpo if section.rpo is not None else base.rpo,
        )
    return tiers


def _entry(section: ServiceSection, tiers: Mapping[int, Tier], known: KnownNames, beside: Path) -> CatalogueEntry:
    made = Service(
        name=section.name,
        tier=tiers[section.tier],
        owner=section.owner,
        audience=_reports_to(section, known),
        users=section.users,
        revenue_per_hour=section.revenue_per_hour,
        revenue_as_of=section.revenue_as_of,
        rto=section.rto,
        rpo=section.rpo,
        depends_on=tuple(_dependencies(section, known)),
        description=section.description,
        labels=section.labels,
    )
    found = section.resources
    selector = Selector(found.tags, found.stacks, found.arns, found.accounts, found.regions)
    return CatalogueEntry(made, selector, _declared(section, beside))


def _reports_to(section: ServiceSection, known: KnownNames) -> str:
    """The audience that it names, else the one called as its owner, else the only one there is."""
    if section.audience or section.owner in known.audiences:
        return section.audience or section.owner
    return next(iter(known.audiences)) if len(known.audiences) == 1 else ""


def _dependencies(section: ServiceSection, known: KnownNames) -> Iterator[Dependency]:
    for item in section.depends_on:
        kind, name = target(item.on, known)
        yield Dependency(name, kind, hard=not item.soft, fallback=item.fallback, parts=item.parts)


def _declared(section: ServiceSection, beside: Path) -> Declared:
    return Declared(
        deployments=tuple(
            DeclaredDeployment(
                Scope.parse(deployment.on), deployment.role, deployment.account, deployment.zones, deployment.runs
            )
            for deployment in section.deployments
        ),
        runbook=_runbook(section.runbook, beside) if section.runbook else None,
        slos=tuple(DeclaredSlo(Path(anchored(slo.file, beside)), slo.monitor, slo.only) for slo in section.slos),
        drills=tuple(
            DeclaredDrill(
                drill.kind,
                drill.at,
                drill.result,
                drill.attested_by,
                drill.scope,
                drill.rto,
                drill.rpo,
                drill.link,
                drill.expires,
            )
            for drill in section.drills
        ),
        attestations=tuple(
            DeclaredAttestation(
                attestation.practice, attestation.by, attestation.at, attestation.link, attestation.expires
            )
            for attestation in section.attestations
        ),
    )


def _runbook(section: RunbookSection, beside: Path) -> DeclaredRunbook:
    if urlsplit(section.url).scheme in _WEB_OR_GIT:
        return DeclaredRunbook(url=section.url, reviewed=section.reviewed, hosted_on=section.hosted_on)
    path = Path(anchored(section.url, beside).removeprefix("file:"))
    return DeclaredRunbook(path=path, reviewed=section.reviewed, hosted_on=section.hosted_on)


def _waivers(services: Iterable[ServiceSection]) -> Iterator[Waiver]:
    for section in services:
        for waiver in section.waivers:
            # The day that is written down is the last one it holds.
            until = datetime.combine(waiver.until + timedelta(days=1), time(), UTC)
            yield Waiver(section.name, waiver.check, waiver.reason, waiver.by, until, waiver.resource)


def _account(section: AccountSection, beside: Path) -> Account:
    external = section.external_id or ""
    external = anchored(external, beside) if external.startswith("file:") else external
    return Account(section.id, section.name, section.role, external, section.regions)


def anchored(path: str, beside: Path) -> str:
    """`file:` reference or path, its relative path taken from beside backstay.yaml, wherever the program was started."""
    prefix = "file:" if path.startswith("file:") else ""
    return f"{prefix}{beside / Path(path.removeprefix('file:')).expanduser()}"


class _Routes:
    """Gives every route of the installation its own name; the same route in two audiences is one route."""

    def __init__(self, beside: Path) -> None:
        self.beside = beside
        self.by_name: dict[str, RouteSpec] = {}
        self.runs_on: dict[str, tuple[str, ...] | None] = {}

    def spec(self, section: RouteSection) -> RouteSpec:
        kind = next(iter(section.model_fields_set))
        body = getattr(section, kind)
        options = body.model_dump(exclude={"name", "runs_on"}, exclude_defaults=True)
        options |= {key: self._moved(value) for key, value in options.items()}
        for key in ("template", "path"):
            if options.get(key, "-") != "-":
                options[key] = anchored(options[key], self.beside)
        name = body.name or f"{kind}:{_handle(_destination(options))}"
        made, number = RouteSpec(kind, name, options), 1
        while self.by_name.get(made.name, made) != made:
            number += 1
            made = RouteSpec(kind, f"{name}-{number}", options)
        self.by_name[made.name] = made
        self.runs_on[made.name] = body.runs_on if body.runs_on is not None else _PLATFORMS.get(kind)
        return made

    def _moved(self, value: Any) -> Any:
        """References to files start beside backstay.yaml, those in headers too."""
        if isinstance(value, dict):
            return {key: self._moved(item) for key, item in value.items()}
        return anchored(value, self.beside) if isinstance(value, str) and value.startswith("file:") else value


def _destination(options: Mapping[str, Any]) -> str:
    """Where a route leads, in the word of its kind."""
    if "to" in options:
        return str(options["to"][0])
    if "path" in options:
        return Path(options["path"]).name or options["path"]
    return str(next(options[key] for key in ("channel", "conversation", "routing_key", "url") if key in options))


def _handle(address: str) -> str:
    """A word for a route that gives no secret away: the channel, the variable, the file's name or the host."""
    scheme, colon, rest = address.partition(":")
    if scheme == "env" and colon:
        return rest.lower()
    if scheme == "file" and colon:
        return Path(rest).name
    return urlsplit(address).hostname or address


def _audience(name: str, section: AudienceSection, file: CatalogueFile, routes: _Routes) -> Audience:
    zone = section.timezone or file.timezone
    top = [schedule for schedule in file.schedules if schedule.audience == name]
    own: Iterable[AudienceScheduleSection] = section.schedules or ()
    planned = [*own, *top]
    if section.schedules is None and not top:
        planned = [AudienceScheduleSection()]
    made = dict.fromkeys(_schedule(name, schedule, zone, file.grace) for schedule in planned)
    return Audience(name, tuple(routes.spec(route) for route in section.routes), tuple(made), zone, section.members)


def _schedule(audience: str, section: AudienceScheduleSection, zone: str, grace: timedelta) -> Schedule:
    timezone = section.timezone or zone
    return Schedule(
        id=f"{audience}/{section.post}/{section.cron}/{timezone}",
        audience=audience,
        cron=section.cron,
        timezone=timezone,
        grace=section.grace if section.grace is not None else grace,
        post=section.post,
    )

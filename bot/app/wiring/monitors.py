"""Builds the collector of monitoring systems from `monitors:` of backstay.yaml."""

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.app.settings import Settings
from bot.app.settings.monitors import MonitorSettings
from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.collectors.monitors.source import known_sources
from bot.catalogue import ConfigError
from bot.model import Clock

if TYPE_CHECKING:
    from bot.audit.collectors.monitors.collector import MonitorsCollector

_SECRETS = ("token", "password", "api_key", "app_key")


def monitors(settings: Settings, clock: Clock) -> "MonitorsCollector | None":
    """The collector of every monitoring system that is listed, None where none is."""
    if not settings.monitors:
        return None
    from bot.audit.collectors.monitors.collector import (  # noqa: PLC0415 - where nothing is monitored it is not needed
        MonitorsCollector,
    )

    return MonitorsCollector(accesses(settings), clock, settings.catalogue.runs_on)


def accesses(settings: Settings) -> tuple[MonitorAccess, ...]:
    """How each monitoring system is reached, with unique names. A secret that cannot be resolved is the `problem` of its own system."""
    taken: Counter[str] = Counter()
    return tuple(_access(settings, section, taken) for section in settings.monitors)


def _access(settings: Settings, section: MonitorSettings, taken: Counter[str]) -> MonitorAccess:
    url = (section.address or known_sources()[section.kind].url).rstrip("/")
    name = section.name or urlsplit(url).netloc.rpartition("@")[2]
    taken[name] += 1

    try:
        secrets = [SecretStr(settings.secret(getattr(section, key, None))) for key in _SECRETS]
        problem = ""
    except ConfigError as error:
        secrets, problem = [SecretStr("")] * len(_SECRETS), str(error)
    token, password, api_key, app_key = secrets
    return MonitorAccess(
        kind=section.kind,
        name=name if taken[name] == 1 else f"{name} {section.kind} {taken[name]}",
        url=url,
        token=token,
        user=section.user,
        password=password,
        api_key=api_key,
        app_key=app_key,
        tenant=section.tenant,
        accounts=section.accounts,
        runs_on=section.runs_on,
        service_labels=section.service_labels,
        people=section.people,
        ca_file=section.ca_file,
        calls_per_second=section.calls_per_second,
        timeout=section.timeout,
        most_queries=section.most_queries,
        problem=problem,
    )

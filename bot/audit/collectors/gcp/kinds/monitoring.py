"""Alert policies, the channels that they notify, and uptime checks. Shape: Cloud Monitoring API v3.

A condition names what it watches in a filter: `resource.type="cloudsql_database" AND resource.labels.database_id="p:orders"`.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from bot.audit.collectors.engine.google_filters import metrics_of, signal_of
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.gcp.asset import Asset
from bot.audit.collectors.gcp.kinds.dns import RECORDS, RULES
from bot.audit.collectors.gcp.kinds_of import kind
from bot.audit.collectors.gcp.moments import duration_of
from bot.audit.collectors.gcp.watched import watched_by
from checks import GLOBAL, Alarm, Fact, HealthCheck, Maybe, Unread

POLICY: Final = "monitoring.googleapis.com/AlertPolicy"
CHANNEL: Final = "monitoring.googleapis.com/NotificationChannel"
UPTIME: Final = "monitoring.googleapis.com/UptimeCheckConfig"
LIST_POLICIES: Final = "monitoring.alertPolicies.list"
LIST_CHANNELS: Final = "monitoring.notificationChannels.list"
LIST_UPTIME: Final = "monitoring.uptimeCheckConfigs.list"
_CONDITIONS: Final = ("conditionThreshold", "conditionAbsent", "conditionMonitoringQueryLanguage")
_QUERIES: Final = (
    *("conditionPrometheusQueryLanguage.query", "conditionMonitoringQueryLanguage.query"),
    *("conditionMatchedLog.filter", "conditionSql.query"),
)
_CHECKERS: Final = timedelta(seconds=60)  # how often an uptime check runs unless set


def _policy(asset: Asset) -> Iterable[Fact]:
    """An alert policy: its signal is that of its first condition."""
    conditions = asset.rows("conditions")
    filters = [text for row in conditions for text in _filters(row)]
    metrics = metrics_of(filters)
    queries = [text for row in conditions for path in _QUERIES if (text := row.text(path))]
    yield asset.fact(
        Alarm,
        product="monitoring",
        region=GLOBAL,
        name=asset.text("displayName") or asset.identity.name,
        signal=signal_of([*filters, *queries]),
        metric=", ".join(metrics) or ("a query" if queries else ""),
        enabled=asset.flag("enabled") is not False,
        actions=asset.texts("notificationChannels"),
        about=tuple(dict.fromkeys(name for text in filters for name in watched_by(asset, text))),
        reaches_someone=_reaches_someone(asset),
    )


def _filters(condition: Row) -> Iterator[str]:
    for name in _CONDITIONS:
        for path in (f"{name}.filter", f"{name}.denominatorFilter"):
            if text := condition.text(path):
                yield text


def _reaches_someone(asset: Asset) -> Maybe[bool]:
    """Whether it names a channel that is enabled and, where its kind has to be confirmed, verified."""
    names = asset.texts("notificationChannels")
    unread = asset.estate.why_unread(CHANNEL, asset.identity.account)
    channels = [asset.estate.find(name, CHANNEL) for name in names]
    if any(channel and _works(channel) for channel in channels):
        return True
    if unread and names:
        return unread
    return Unread("a channel belongs to a project that was not read") if any(_elsewhere(asset, names)) else False


def _works(channel: Asset) -> bool:
    return channel.flag("enabled") is not False and channel.text("verificationStatus") != "UNVERIFIED"


def _elsewhere(asset: Asset, names: Iterable[str]) -> Iterator[bool]:
    own = asset.path.partition("/alertPolicies/")[0]
    return (not asset.estate.path(name).startswith(f"{own}/") for name in names)


def _uptime(asset: Asset) -> Iterable[Fact]:
    """An uptime check, which Google runs from several places of the world."""
    host = asset.text("monitoredResource.labels.host")
    kept = asset.text("monitoredResource.type")
    labels = asset.labels("monitoredResource.labels")
    words = " AND ".join(
        [f'resource.type="{kept}"', *(f'resource.labels.{name}="{value}"' for name, value in labels.items())]
    )
    yield asset.fact(
        HealthCheck,
        product="monitoring",
        region=GLOBAL,
        name=asset.text("displayName") or asset.identity.name,
        target=f"{host}{asset.text('httpCheck.path')}" if host else "",
        detects_in=duration_of(asset.text("period")) or _CHECKERS,
        disabled=bool(asset.flag("disabled")),
        about=tuple(dict.fromkeys((*watched_by(asset, words), *_behind(asset, host)))),
    )


def _behind(asset: Asset, host: str) -> Iterator[str]:
    """The load balancers that a name or address leads to, and the Cloud Run service that has it."""
    if not host:
        return
    records = asset.estate.naming(f"{host}.", RECORDS, "name")
    for address in (host, *(text for record in records for text in record.texts("rrdatas"))):
        for name in RULES:
            yield from (rule.identity.resource for rule in asset.estate.naming(address, name, "IPAddress"))
    for path in ("status.url", "uri"):
        found = asset.estate.naming(f"https://{host}", "run.googleapis.com/Service", path)
        yield from (service.identity.resource for service in found)


def _channel(_: Asset) -> Iterable[Fact]:
    """A notification channel completes the policies that name it."""
    return ()


KINDS = (
    kind(POLICY, (Alarm,), _policy, LIST_POLICIES),
    kind(CHANNEL, (Alarm,), _channel, LIST_CHANNELS),
    kind(UPTIME, (HealthCheck,), _uptime, LIST_UPTIME),
)

"""Alert policies, uptime checks, snapshot schedules and certificates of Google. Defaults: documentation of Terraform's google provider."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.audit.collectors.engine.google_filters import labels_of, metrics_of, monitored_types, signal_of
from bot.audit.collectors.engine.google_places import region_of
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.terraform.gaps import ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import Alarm, BackupPlan, Certificate, Fact, HealthCheck, Maybe, Unread

_CONDITIONS: Final = ("condition_threshold", "condition_absent", "condition_prometheus_query_language")
_QUERIES: Final = (
    *("condition_prometheus_query_language.query", "condition_monitoring_query_language.query"),
    *("condition_matched_log.filter", "condition_sql.query"),
)
_FORWARDING: Final = ("google_compute_global_forwarding_rule", "google_compute_forwarding_rule")
_CLUSTER: Final = (("google_container_cluster",), "cluster_name")
_WATCHED: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "bigtable_cluster": (("google_bigtable_instance",), "instance"),
    "bigtable_table": (("google_bigtable_instance",), "instance"),
    "cloud_function": (("google_cloudfunctions_function", "google_cloudfunctions2_function"), "function_name"),
    "cloud_run_revision": (("google_cloud_run_v2_service", "google_cloud_run_service"), "service_name"),
    "cloudsql_database": (("google_sql_database_instance",), "database_id"),
    "filestore_instance": (("google_filestore_instance",), "instance_name"),
    "firestore_instance": (("google_firestore_database",), "database_id"),
    "gce_instance": (("google_compute_instance",), "instance_id"),
    "gcs_bucket": (("google_storage_bucket",), "bucket_name"),
    "https_lb_rule": (_FORWARDING, "forwarding_rule_name"),
    "instance_group": (
        ("google_compute_region_instance_group_manager", "google_compute_instance_group_manager"),
        "instance_group_name",
    ),
    "k8s_cluster": _CLUSTER,
    "k8s_container": _CLUSTER,
    "k8s_node": _CLUSTER,
    "k8s_pod": _CLUSTER,
    "network_lb_rule": (_FORWARDING, "forwarding_rule_name"),
    "pubsub_subscription": (("google_pubsub_subscription",), "subscription_id"),
    "pubsub_topic": (("google_pubsub_topic",), "topic_id"),
    "redis_instance": (("google_redis_instance",), "instance_id"),
    "spanner_instance": (("google_spanner_instance",), "instance_id"),
}
"""Type of monitored resource -> the resources of Terraform that it can be, and the label that names one."""


def _policy(row: PlanResource) -> Iterable[Fact]:
    """An alert policy: its signal is that of its conditions."""
    conditions: Iterable[Row] = told(row.blocks("conditions"), ())
    filters = [text for condition in conditions for name in _CONDITIONS if (text := _text(condition, f"{name}.filter"))]
    queries = [text for condition in conditions for path in _QUERIES if (text := _text(condition, path))]
    yield row.fact(
        Alarm,
        product="monitoring",
        region="global",
        name=row.plain("display_name") or row.identity.name,
        signal=signal_of([*filters, *queries]),
        metric=", ".join(metrics_of(filters)) or ("a query" if queries else ""),
        enabled=row.flag_of("enabled", default=True),
        actions=row.identities_of("notification_channels"),
        about=tuple(dict.fromkeys((*_watched(row, filters), *_referred(row)))),
        reaches_someone=_reaches_someone(row),
    )


def _text(row: Row, path: str) -> str:
    return told(row.maybe(row.text, path), "")


def _watched(row: PlanResource, filters: Iterable[str]) -> Iterator[str]:
    for words in filters:
        labels = labels_of(words)
        for types, label in (_WATCHED[name] for name in monitored_types(words) if name in _WATCHED):
            wanted = labels.get(label, "").rpartition("/")[2].rpartition(":")[2]
            for other in row.others(*types):
                if not wanted or wanted == other.identity.name:
                    yield other.identity.resource


def _referred(row: PlanResource) -> Iterator[str]:
    """What the expression of a filter refers to, where its text is known only after apply."""
    for name in _CONDITIONS:
        yield from (found.identity.resource for found in row.linked(f"conditions.{name}.filter"))


def _reaches_someone(row: PlanResource) -> Maybe[bool]:
    """Whether it names a channel that is enabled and, where its kind has to be confirmed, not known to be unverified."""
    channels = row.links("notification_channels", "google_monitoring_notification_channel")
    if any(_works(row.open_other(entry)) for entry in channels.found):
        return True
    outside = channels.others or not channels.complete
    return Unread("its notification channel is not in the plan") if outside else False


def _works(channel: PlanResource) -> bool:
    enabled = told(channel.flag_of("enabled", default=True), otherwise=True)
    return enabled and channel.plain("verification_status") != "UNVERIFIED"


def _uptime(row: PlanResource) -> Iterable[Fact]:
    """An uptime check, which Google runs from several places of the world; every five minutes unless set."""
    host = told(row.maybe(row.text, "monitored_resource.labels.host"), "")
    seconds = row.plain("period", "300s").removesuffix("s").partition(".")[0]
    yield row.fact(
        HealthCheck,
        product="monitoring",
        region="global",
        name=row.plain("display_name") or row.identity.name,
        target=f"{host}{row.plain('http_check.path')}" if host else "",
        detects_in=timedelta(seconds=int(seconds) if seconds.isdigit() else 300),
        disabled=False,
        about=tuple(found.identity.resource for found in row.linked("monitored_resource.labels")),
    )


def _schedule(row: PlanResource) -> Iterable[Fact]:
    """A snapshot schedule with the disks that use it. Other resource policies make no backups."""
    blocks = row.blocks("snapshot_schedule_policy")
    if not isinstance(blocks, Unread) and not blocks:
        return
    policy = row.row("snapshot_schedule_policy")
    places = told(policy.maybe(policy.texts, "snapshot_properties.storage_locations"), ())
    disks = dict.fromkeys(_disks(row))
    yield row.fact(
        BackupPlan,
        product="persistent-disk",
        every=_interval(policy.row("schedule")),
        keep_days=told(policy.maybe(policy.number, "retention_policy.max_retention_days"), None),
        copy_regions=tuple(sorted(place.lower() for place in places if region_of(place) != row.identity.region)),
        selects=len(disks),
        about=tuple(sorted(disks)),
    )


def _disks(row: PlanResource) -> Iterator[str]:
    for scope in ("", "region_"):
        disk = f"google_compute_{scope}disk"
        yield from (found.identity.resource for found in row.joined(disk, "resource_policies").found)
        for attachment in row.joined(f"{disk}_resource_policy_attachment", "name").found:
            yield from attachment.identities_of("disk", disk)


def _interval(schedule: Row) -> timedelta | None:
    hours, days = schedule.number("hourly_schedule.hours_in_cycle"), schedule.number("daily_schedule.days_in_cycle")
    if hours or days:
        return timedelta(hours=hours) if hours else timedelta(days=days or 1)
    weekly = schedule.rows("weekly_schedule.day_of_weeks")
    return timedelta(days=7) / len(weekly) if weekly else None


_PROXIES: Final = tuple(
    f"google_compute_{scope}target_{name}_proxy" for scope in ("", "region_") for name in ("https", "ssl")
)
_ELSEWHERE: Final = Unread("whether a resource outside of the plan uses it is not known")
_MANAGED: Final = "google_compute_managed_ssl_certificate"


def _of_compute(row: PlanResource) -> Iterable[Fact]:
    """A certificate that target proxies name themselves; Google renews the managed ones."""
    yield _certificate(row, "load-balancing", "ssl_certificates", managed=row.resource_type == _MANAGED)


def _of_manager(row: PlanResource) -> Iterable[Fact]:
    """A certificate that target proxies name, or a map that they use."""
    managed = bool(told(row.blocks("managed"), ()))
    yield _certificate(row, "certificatemanager", "certificate_manager_certificates", managed=managed)


def _certificate(row: PlanResource, product: str, path: str, *, managed: bool) -> Certificate:
    users = [row.joined(proxy, path) for proxy in _PROXIES]
    users.append(row.joined("google_certificate_manager_certificate_map_entry", "certificates"))
    doubt = next((user.doubt for user in users if user.doubt), None)
    return row.fact(
        Certificate,
        product=product,
        region=row.plain("region") or row.plain("location", "global").lower(),
        expires_at=_end(row),
        renews_itself=managed,
        in_use=True if any(user.found for user in users) else doubt or _ELSEWHERE,
    )


def _end(row: PlanResource) -> Maybe[datetime | None]:
    """The end of a certificate, which a state has and a plan of a new one has not."""
    for path in ("expire_time", "self_managed.expire_time"):
        end = row.maybe(row.when, path)
        if end is not None:
            return end
    return Unread(ONLY_AFTER_DEPLOYMENT)


KINDS = (
    kind("google_monitoring_alert_policy", (Alarm,), _policy),
    kind("google_monitoring_uptime_check_config", (HealthCheck,), _uptime),
    kind("google_compute_resource_policy", (BackupPlan,), _schedule),
    kind("google_compute_ssl_certificate", (Certificate,), _of_compute),
    kind("google_compute_region_ssl_certificate", (Certificate,), _of_compute),
    kind(_MANAGED, (Certificate,), _of_compute),
    kind("google_certificate_manager_certificate", (Certificate,), _of_manager),
)

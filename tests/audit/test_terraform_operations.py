"""Alarms, schedules, certificates, records and secrets of a plan: what each becomes. Shapes: hashicorp/google 6, hashicorp/azurerm 4."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.builders.plans import facts, state

from checks import Alarm, BackupPlan, Certificate, DnsRecord, Fact, HealthCheck, Queue, Secret, SignalKind, Unread

PROJECT = "projects/shop"
CHANNEL = ("google_monitoring_notification_channel.ops", {"id": f"{PROJECT}/notificationChannels/1", "type": "email"})
SQL = ("google_sql_database_instance.orders", {"name": "orders", "region": "europe-west4", "id": "orders"})
FILTER = (
    'metric.type="cloudsql.googleapis.com/database/cpu/utilization" AND resource.type="cloudsql_database" '
    'AND resource.labels.database_id="shop:orders"'
)


def policy(*channels: str, words: str = FILTER, **more: Any) -> tuple[str, dict[str, Any]]:
    conditions = [{"display_name": "c", "condition_threshold": [{"filter": words}]}]
    known = {"display_name": "orders cpu", "conditions": conditions, "notification_channels": list(channels)}
    return "google_monitoring_alert_policy.p", known | more


DISK = (
    "google_compute_disk.d",
    {"name": "d", "zone": "europe-west4-a", "self_link": f"https://c/{PROJECT}/zones/europe-west4-a/disks/d"},
)
POLICY = {"name": "daily", "region": "europe-west4", "id": f"{PROJECT}/regions/europe-west4/resourcePolicies/daily"}
SCHEDULE = {
    "schedule": [{"daily_schedule": [{"days_in_cycle": 1, "start_time": "04:00"}]}],
    "retention_policy": [{"max_retention_days": 14}],
    "snapshot_properties": [{"storage_locations": ["eu"]}],
}
ATTACHED = ("google_compute_disk_resource_policy_attachment.a", {"name": "daily", "disk": "d"})
PROXY = "google_compute_target_https_proxy.p"
CERTIFICATE = {"id": f"{PROJECT}/global/sslCertificates/shop", "name": "shop", "expire_time": "2027-01-02T00:00:00Z"}
GROUP = "/subscriptions/0b1f/resourceGroups/shop/providers"
VAULT = ("azurerm_key_vault.v", {"id": f"{GROUP}/Microsoft.KeyVault/vaults/v", "location": "westeurope", "name": "v"})
BINDING = ("azurerm_app_service_certificate_binding.b", {"certificate_id": f"{GROUP}/Microsoft.Web/certificates/c"})
BALANCER = f"{GROUP}/Microsoft.Network/trafficManagerProfiles/shop"
CASES: tuple[tuple[str, type[Fact], tuple[tuple[str, Any], ...], dict[str, Any]], ...] = (
    (
        "an alert policy that notifies",
        Alarm,
        (policy(f"{PROJECT}/notificationChannels/1"), CHANNEL, SQL),
        {
            "name": "orders cpu",
            "signal": SignalKind.SATURATION,
            "metric": "cloudsql.googleapis.com/database/cpu/utilization",
            "about": ("orders",),
            "enabled": True,
            "reaches_someone": True,
        },
    ),
    ("an alert policy without a channel", Alarm, (policy(), SQL), {"reaches_someone": False, "actions": ()}),
    ("an alert policy that is off", Alarm, (policy(enabled=False),), {"enabled": False}),
    (
        "a channel that is off",
        Alarm,
        (policy("c"), (CHANNEL[0], {"id": "c", "enabled": False})),
        {"reaches_someone": False},
    ),
    (
        "a channel nobody verified",
        Alarm,
        (policy("c"), (CHANNEL[0], {"id": "c", "verification_status": "UNVERIFIED"})),
        {"reaches_someone": False},
    ),
    (
        "a channel elsewhere",
        Alarm,
        (policy("elsewhere"),),
        {"reaches_someone": Unread("its notification channel is not in the plan")},
    ),
    (
        "an alert policy of another database",
        Alarm,
        (policy(words=FILTER.replace("shop:orders", "shop:other")), SQL),
        {"about": ()},
    ),
    (
        "a policy of errors by query",
        Alarm,
        (policy(conditions=[{"condition_prometheus_query_language": [{"query": "rate(http_errors[5m]) > 1"}]}]),),
        {"signal": SignalKind.ERRORS, "metric": "a query"},
    ),
    (
        "an uptime check",
        HealthCheck,
        (
            (
                "google_monitoring_uptime_check_config.u",
                {
                    "display_name": "shop",
                    "period": "60s",
                    "http_check": [{"path": "/health"}],
                    "monitored_resource": [{"type": "uptime_url", "labels": {"host": "shop.example.com"}}],
                },
            ),
        ),
        {"target": "shop.example.com/health", "detects_in": timedelta(seconds=60), "disabled": False},
    ),
    (
        "a snapshot schedule with a disk",
        BackupPlan,
        (("google_compute_resource_policy.daily", POLICY | {"snapshot_schedule_policy": [SCHEDULE]}), DISK, ATTACHED),
        {
            "every": timedelta(days=1),
            "keep_days": 14,
            "copy_regions": ("eu",),
            "selects": 1,
            "about": (DISK[1]["self_link"],),
        },
    ),
    (
        "a weekly schedule that no disk uses",
        BackupPlan,
        (
            (
                "google_compute_resource_policy.w",
                POLICY
                | {
                    "snapshot_schedule_policy": [
                        {"schedule": [{"weekly_schedule": [{"day_of_weeks": [{"day": "MONDAY"}]}]}]}
                    ]
                },
            ),
        ),
        {"every": timedelta(days=7), "keep_days": None, "selects": 0, "copy_regions": ()},
    ),
    (
        "a certificate of a proxy",
        Certificate,
        (("google_compute_ssl_certificate.c", CERTIFICATE), (PROXY, {"ssl_certificates": [CERTIFICATE["id"]]})),
        {
            "renews_itself": False,
            "in_use": True,
            "expires_at": datetime(2027, 1, 2, tzinfo=UTC),
            "region": "global",
        },
    ),
    (
        "a managed certificate that no proxy of the plan names",
        Certificate,
        (("google_compute_managed_ssl_certificate.c", CERTIFICATE | {"managed": [{"domains": ["a.example"]}]}),),
        {"renews_itself": True, "in_use": Unread("whether a resource outside of the plan uses it is not known")},
    ),
    (
        "a certificate in a map",
        Certificate,
        (
            ("google_certificate_manager_certificate.c", {"name": "c", "id": "c", "managed": [{"domains": ["a"]}]}),
            ("google_certificate_manager_certificate_map_entry.e", {"certificates": ["c"]}),
        ),
        {"renews_itself": True, "in_use": True, "expires_at": Unread("a plan does not say what runs now")},
    ),
    (
        "a record of Azure",
        DnsRecord,
        (("azurerm_dns_a_record.w", {"name": "www", "zone_name": "Example.com", "ttl": 300, "records": ["1.2.3.4"]}),),
        {
            "name": "www.example.com",
            "type": "A",
            "ttl": 300,
            "targets": ("1.2.3.4",),
            "private_zone": False,
            "evaluates_target_health": False,
        },
    ),
    (
        "an alias of a Traffic Manager profile",
        DnsRecord,
        (("azurerm_dns_cname_record.w", {"name": "@", "zone_name": "a.example", "target_resource_id": BALANCER}),),
        {"name": "a.example", "type": "CNAME", "ttl": None, "targets": (BALANCER,), "evaluates_target_health": True},
    ),
    (
        "a private record",
        DnsRecord,
        (("azurerm_private_dns_aaaa_record.w", {"name": "db", "zone_name": "in.example", "records": ["::1"]}),),
        {"type": "AAAA", "private_zone": True},
    ),
    (
        "a managed certificate of App Service that is bound",
        Certificate,
        (
            (
                "azurerm_app_service_managed_certificate.c",
                {"id": BINDING[1]["certificate_id"], "expiration_date": "2027-01-02T00:00:00Z"},
            ),
            BINDING,
        ),
        {"renews_itself": True, "in_use": True, "expires_at": datetime(2027, 1, 2, tzinfo=UTC)},
    ),
    (
        "a certificate in a vault that nobody renews",
        Certificate,
        (("azurerm_key_vault_certificate.c", {"name": "c", "key_vault_id": VAULT[1]["id"]}), VAULT),
        {"renews_itself": False, "region": "westeurope"},
    ),
    (
        "a secret in a vault",
        Secret,
        (("azurerm_key_vault_secret.s", {"name": "s", "key_vault_id": VAULT[1]["id"]}), VAULT),
        {"name": "s", "region": "westeurope", "replica_regions": ("northeurope",)},
    ),
    (
        "a queue that keeps messages for an hour",
        Queue,
        (("azurerm_servicebus_queue.q", {"name": "q", "default_message_ttl": "PT1H"}),),
        {"retention": timedelta(hours=1), "dead_letter": True},
    ),
)


@pytest.mark.parametrize(("kind", "resources", "told"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_what_a_resource_becomes(
    kind: type[Fact], resources: tuple[tuple[str, Any], ...], told: dict[str, Any]
) -> None:
    (found,) = facts(state(*resources), kind)
    assert {name: getattr(found, name) for name in told} == told


def test_a_policy_without_a_schedule_makes_no_backups() -> None:
    assert not facts(state(("google_compute_resource_policy.p", POLICY)), BackupPlan)

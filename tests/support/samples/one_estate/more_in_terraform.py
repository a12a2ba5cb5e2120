"""Traffic, messages, names, keys and alarms of the estate as the three large providers of Terraform describe them in a state.

Shapes: documentation of hashicorp/aws 5, hashicorp/google 6 and hashicorp/azurerm 4.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from support.builders.aws_sources import arn
from support.builders.moment import NOW
from support.samples.one_estate.in_terraform import SUBSCRIPTION, Resources, azure


def _soon(days: int) -> str:
    return (NOW + timedelta(days)).isoformat()


def _lb(size: int, *, sound: bool) -> Resources:
    letters = "abc"[:size]
    subnets = [
        (f"aws_subnet.{letter}", {"id": f"sn-{letter}", "availability_zone": f"us-east-1{letter}"})
        for letter in letters
    ]
    balancer = {
        "name": "front",
        "arn": arn("elasticloadbalancing", "loadbalancer/net/front/1"),
        "load_balancer_type": "network",
        "subnets": [f"sn-{letter}" for letter in letters],
        "enable_deletion_protection": sound,
        "enable_cross_zone_load_balancing": sound,
    }
    group = {"name": "web", "arn": arn("elasticloadbalancing", "targetgroup/web/1")}
    action = [{"type": "forward", "target_group_arn": group["arn"]}]
    return [
        *subnets,
        ("aws_lb.front", balancer),
        ("aws_lb_target_group.web", group),
        ("aws_lb_listener.web", {"load_balancer_arn": balancer["arn"], "default_action": action}),
        ("aws_lb_target_group_attachment.a", {"target_group_arn": group["arn"], "target_id": "10.0.0.4"}),
    ]


def _sqs(seconds: int, **more: Any) -> Resources:
    return [
        ("aws_sqs_queue.jobs", {"name": "jobs", "arn": arn("sqs", "jobs"), "message_retention_seconds": seconds} | more)
    ]


_ZONE = ("aws_route53_zone.shop", {"name": "example.com", "zone_id": "Z1", "arn": "arn:aws:route53:::hostedzone/Z1"})


def _route53(name: str, ttl: int, address: str, **more: Any) -> tuple[str, Mapping[str, Any]]:
    known = {"name": "www", "zone_id": "Z1", "type": "A", "ttl": ttl, "records": [address]}
    return f"aws_route53_record.{name}", known | more


def _alarm(*, sound: bool) -> Resources:
    topic = {"arn": arn("sns", "ops"), "name": "ops"}
    alarm = {
        "alarm_name": "errors",
        "arn": arn("cloudwatch", "alarm:errors"),
        "metric_name": "HTTPCode_Target_5XX_Count",
        "actions_enabled": sound,
        "alarm_actions": [topic["arn"]] if sound else [],
    }
    return [
        ("aws_cloudwatch_metric_alarm.errors", alarm),
        ("aws_sns_topic.ops", topic),
        ("aws_sns_topic_subscription.ops", {"topic_arn": topic["arn"], "protocol": "https", "endpoint": "https://e"}),
    ]


def _acm(days: int, **more: Any) -> Resources:
    own = {"domain_name": "shop.example.com", "arn": arn("acm", "certificate/c-1"), "not_after": _soon(days)} | more
    return [("aws_acm_certificate.shop", own), ("aws_lb_listener.tls", {"certificate_arn": own["arn"]})]


def _secret(*regions: str) -> Resources:
    own = {"name": "password", "arn": arn("secretsmanager", "secret:password")}
    return [("aws_secretsmanager_secret.password", own | {"replica": [{"region": region} for region in regions]})]


def _kms(**more: Any) -> Resources:
    alias = {"name": "vault", "target_key_id": "k-1"}
    return [
        ("aws_kms_key.vault", {"key_id": "k-1", "arn": arn("kms", "key/k-1")} | more),
        ("aws_kms_alias.vault", alias),
    ]


AWS: Mapping[str, Resources] = {
    "bare balancer": _lb(1, sound=False),
    "sound balancer": _lb(3, sound=True),
    "bare queue": _sqs(3600),
    "sound queue": _sqs(345_600, redrive_policy=f'{{"deadLetterTargetArn":"{arn("sqs", "jobs-dead")}"}}'),
    "bare domain": [_ZONE],
    "sound domain": [_ZONE],
    "bare record": [_ZONE, _route53("one", 3600, "192.0.2.1")],
    "sound record": [
        _ZONE,
        _route53("one", 60, "192.0.2.1", failover_routing_policy=[{"type": "PRIMARY"}], health_check_id="hc-1"),
        _route53("two", 60, "198.51.100.1", failover_routing_policy=[{"type": "SECONDARY"}]),
        ("aws_route53_health_check.one", {"id": "hc-1", "fqdn": "shop.example.com", "type": "HTTPS"}),
    ],
    "bare key": _kms(is_enabled=False),
    "sound key": _kms(is_enabled=True),
    "bare alarm": _alarm(sound=False),
    "sound alarm": _alarm(sound=True),
    "bare secret": _secret(),
    "sound secret": _secret("us-west-2"),
    "bare certificate": _acm(10, certificate_body="-----BEGIN CERTIFICATE-----"),
    "sound certificate": _acm(200),
}
_COMPUTE = "https://www.googleapis.com/compute/v1/projects/shop"


def _rule(zones: Sequence[str]) -> Resources:
    groups = [
        (
            f"google_compute_instance_group_manager.{zone[-1]}",
            {"name": f"web-{zone[-1]}", "zone": zone, "instance_group": f"{_COMPUTE}/zones/{zone}/instanceGroups/web"},
        )
        for zone in zones
    ]
    backend = {"id": "backend", "backend": [{"group": group["instance_group"]} for _, group in groups]}
    rule = {"name": "front", "id": "front", "region": "europe-west4", "backend_service": "backend"}
    return [
        *groups,
        ("google_compute_region_backend_service.web", backend),
        ("google_compute_forwarding_rule.front", rule | {"load_balancing_scheme": "EXTERNAL"}),
    ]


def _pubsub(kept: str, *dead_letter: str) -> Resources:
    policy = [{"dead_letter_topic": topic} for topic in dead_letter]
    known = {"name": "jobs", "id": "jobs", "topic": "jobs", "message_retention_duration": kept}
    return [("google_pubsub_subscription.jobs", known | {"dead_letter_policy": policy})]


_MANAGED = (
    "google_dns_managed_zone.shop",
    {"name": "shop", "id": "z", "dns_name": "example.com.", "name_servers": ["ns-1.example."]},
)


def _record_set(ttl: int, **more: Any) -> Resources:
    known = {"name": "www.example.com.", "type": "A", "ttl": ttl, "managed_zone": "shop"}
    return [_MANAGED, ("google_dns_record_set.www", known | more)]


def _crypto_key(state: str, wait: str) -> Resources:
    ring = "projects/shop/locations/europe-west4/keyRings/shop"
    own = {"name": "vault", "key_ring": ring, "destroy_scheduled_duration": wait, "primary": [{"state": state}]}
    return [("google_kms_crypto_key.vault", own)]


def _policy(*, sound: bool) -> Resources:
    words = 'metric.type="loadbalancing.googleapis.com/https/request_count" AND metric.labels.response_code_class="500"'
    channel = {"id": "projects/shop/notificationChannels/1", "type": "email", "enabled": True}
    policy = {
        "display_name": "errors",
        "enabled": sound,
        "conditions": [{"condition_threshold": [{"filter": words}]}],
        "notification_channels": [channel["id"]] if sound else [],
    }
    return [("google_monitoring_alert_policy.errors", policy), ("google_monitoring_notification_channel.ops", channel)]


def _google_secret(*regions: str) -> Resources:
    replicas = [{"user_managed": [{"replicas": [{"location": region} for region in regions]}]}]
    automatic: list[dict[str, Any]] = [{"auto": [{}]}]
    own = {"secret_id": "password", "replication": replicas if regions else automatic}
    return [("google_secret_manager_secret.password", own)]


def _ssl(kind: str, days: int) -> Resources:
    own = {"name": "shop.example.com", "id": "c-1", "expire_time": _soon(days)}
    proxy = {"name": "front", "ssl_certificates": ["c-1"]}
    return [(f"{kind}.shop", own), ("google_compute_target_https_proxy.front", proxy)]


_BACKUP = {
    "primary_backup": [
        {
            "primary": [{"external_endpoints": ["192.0.2.1"]}],
            "backup_geo": [{"location": "europe-west4", "rrdatas": ["198.51.100.1"]}],
        }
    ],
    "health_check": "projects/shop/global/healthChecks/web",
}
_CHECK = ("google_compute_health_check.web", {"name": "web", "id": "projects/shop/global/healthChecks/web"})
_ZONES = ("europe-west4-a", "europe-west4-b", "europe-west4-c")
GOOGLE: Mapping[str, Resources] = {
    "bare balancer": _rule(_ZONES[:1]),
    "sound balancer": _rule(_ZONES),
    "bare queue": _pubsub("3600s"),
    "sound queue": _pubsub("345600s", "projects/shop/topics/jobs-dead"),
    "bare domain": [_MANAGED],
    "sound domain": [_MANAGED],
    "bare record": _record_set(3600, rrdatas=["192.0.2.1"]),
    "sound record": [*_record_set(60, routing_policy=[_BACKUP]), _CHECK],
    "bare key": _crypto_key("DESTROY_SCHEDULED", "86400s"),
    "sound key": _crypto_key("ENABLED", "2592000s"),
    "bare alarm": _policy(sound=False),
    "sound alarm": _policy(sound=True),
    "bare secret": _google_secret("europe-west4"),
    "sound secret": _google_secret(),
    "bare certificate": _ssl("google_compute_ssl_certificate", 10),
    "sound certificate": _ssl("google_compute_managed_ssl_certificate", 200),
}
_VAULT = ("azurerm_key_vault", "Microsoft.KeyVault/vaults", "vault")
_OPS = azure("azurerm_monitor_action_group", "Microsoft.Insights/actionGroups", "ops", email_receiver=[{"name": "ops"}])


def _azure_lb(*zones: str, locked: bool) -> Resources:
    address = azure("azurerm_public_ip", "Microsoft.Network/publicIPAddresses", "front", zones=list(zones))
    front = [{"public_ip_address_id": address[1]["id"]}]
    own = azure("azurerm_lb", "Microsoft.Network/loadBalancers", "front", frontend_ip_configuration=front)
    lock = ("azurerm_management_lock.front", {"scope": own[1]["id"], "lock_level": "CanNotDelete"})
    pool = azure("azurerm_lb_backend_address_pool", "Microsoft.Network/pools", "web", loadbalancer_id=own[1]["id"])
    member = {"backend_address_pool_id": pool[1]["id"], "ip_address": "10.0.0.4"}
    more = [pool, ("azurerm_lb_backend_address_pool_address.one", member)]
    return [address, own, *more, *([lock] if locked else [])]


def _azure_record(**more: Any) -> Resources:
    known = {"name": "www", "zone_name": "example.com", "id": f"{SUBSCRIPTION}/Microsoft.Network/dnsZones/e/A/www"}
    return [_AZURE_ZONE, ("azurerm_dns_a_record.www", known | more)]


def _profile(ttl: int) -> Resources:
    own = azure(
        *("azurerm_traffic_manager_profile", "Microsoft.Network/trafficManagerProfiles", "www", "global"),
        traffic_routing_method="Priority",
        dns_config=[{"relative_name": "www", "ttl": ttl}],
        monitor_config=[{"path": "/", "interval_in_seconds": 10, "tolerated_number_of_failures": 2}],
    )
    ends = [
        (
            f"azurerm_traffic_manager_external_endpoint.e{number}",
            {"name": f"e{number}", "profile_id": own[1]["id"], "priority": number, "target": f"{number}.example.com"},
        )
        for number in (1, 2)
    ]
    return [(own[0], dict(own[1]) | {"name": "www.example.com"}), *ends]


def _metric_alert(*, sound: bool) -> Resources:
    actions = [{"action_group_id": _OPS[1]["id"]}] if sound else []
    own = {"enabled": sound, "criteria": [{"metric_name": "Http5xx"}], "action": actions}
    return [azure("azurerm_monitor_metric_alert", "Microsoft.Insights/metricAlerts", "errors", **own), _OPS]


def _azure_certificate(kind: str, days: int) -> Resources:
    own = azure(kind, "Microsoft.Web/certificates", "shop", expiration_date=_soon(days))
    binding = ("azurerm_app_service_certificate_binding.shop", {"certificate_id": own[1]["id"]})
    return [(own[0], dict(own[1]) | {"name": "shop.example.com"}), binding]


def _vault_secret() -> Resources:
    vault = azure(*_VAULT)
    own = {"name": "password", "id": "https://vault.example/secrets/password", "key_vault_id": vault[1]["id"]}
    return [vault, ("azurerm_key_vault_secret.password", own)]


_AZURE_ZONE = (
    "azurerm_dns_zone.shop",
    {"name": "example.com", "id": f"{SUBSCRIPTION}/Microsoft.Network/dnsZones/example.com"},
)
_BUS = ("azurerm_servicebus_queue", "Microsoft.ServiceBus/namespaces/bus/queues", "jobs")
AZURE: Mapping[str, Resources] = {
    "bare balancer": _azure_lb("1", locked=False),
    "sound balancer": _azure_lb("1", "2", "3", locked=True),
    "bare queue": [azure(*_BUS, default_message_ttl="PT1H")],
    "sound queue": [azure(*_BUS, default_message_ttl="P4D")],
    "bare domain": [_AZURE_ZONE],
    "sound domain": [_AZURE_ZONE],
    "bare record": _azure_record(ttl=3600, records=["192.0.2.1"]),
    "sound record": _profile(60),
    "bare key": [azure(*_VAULT, purge_protection_enabled=False)],
    "sound key": [azure(*_VAULT, purge_protection_enabled=True)],
    "bare alarm": _metric_alert(sound=False),
    "sound alarm": _metric_alert(sound=True),
    "bare secret": _vault_secret(),
    "sound secret": _vault_secret(),
    "bare certificate": _azure_certificate("azurerm_app_service_certificate", 10),
    "sound certificate": _azure_certificate("azurerm_app_service_managed_certificate", 200),
}

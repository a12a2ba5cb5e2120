"""Traffic, messages, names, keys and alarms of the estate as Cloud Asset Inventory and the APIs of the products describe them.

Shapes: Compute Engine API v1, Pub/Sub API v1, Cloud DNS API v1, Cloud Domains API v1, Cloud KMS API v1, Cloud Monitoring API v3,
Secret Manager API v1.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from support.builders.moment import NOW
from support.samples.one_estate.in_google import Asset, asset

_COMPUTE = "https://www.googleapis.com/compute/v1/projects/shop"
_SERVICE = f"{_COMPUTE}/global/backendServices/web"


def _balancer(zones: Sequence[str]) -> list[Asset]:
    groups = [f"{_COMPUTE}/zones/{zone}/instanceGroups/web" for zone in zones]
    return [
        asset(
            *("compute", "compute.googleapis.com/ForwardingRule"),
            "projects/shop/regions/europe-west4/forwardingRules/front",
            name="front",
            loadBalancingScheme="EXTERNAL",
            backendService=_SERVICE,
        ),
        asset(
            *("compute", "compute.googleapis.com/BackendService", "projects/shop/global/backendServices/web", "global"),
            backends=[{"group": group} for group in groups],
        ),
    ]


def _queue(kept: str, dead_letter: str = "") -> Asset:
    more = {"deadLetterPolicy": {"deadLetterTopic": dead_letter, "maxDeliveryAttempts": 5}} if dead_letter else {}
    path = "projects/shop/subscriptions/jobs"
    return asset(
        *("pubsub", "pubsub.googleapis.com/Subscription", path, "global"),
        topic="projects/shop/topics/jobs",
        messageRetentionDuration=kept,
        **more,
    )


_ZONE = "projects/shop/managedZones/shop"


def _zone(*, sound: bool) -> list[Asset]:
    """A zone whose domain Cloud Domains has."""
    own = ["ns-1.example.", "ns-2.example."]
    known = own if sound else ["ns-8.example.", "ns-9.example."]
    settings = {
        "renewalMethod": "AUTOMATIC_RENEWAL" if sound else "MANUAL_RENEWAL",
        "transferLockState": "LOCKED" if sound else "UNLOCKED",
    }
    return [
        asset("dns", "dns.googleapis.com/ManagedZone", _ZONE, "global", dnsName="example.com.", nameServers=own),
        asset(
            *("domains", "domains.googleapis.com/Registration", "projects/shop/locations/global/registrations/e"),
            "global",
            domainName="example.com",
            managementSettings=settings,
            dnsSettings={"customDns": {"nameServers": known}},
            expireTime=(NOW + timedelta(300 if sound else 10)).isoformat(),
        ),
    ]


def _record(ttl: int, **more: Any) -> list[Asset]:
    path = f"{_ZONE}/rrsets/www.example.com./A"
    kind = "dns.googleapis.com/ResourceRecordSet"
    own = asset("dns", kind, path, "global", name="www.example.com.", type="A", ttl=ttl, **more)
    return [*_zone(sound=True), own]


def _key(state: str, wait: str) -> Asset:
    path = "projects/shop/locations/europe-west4/keyRings/shop/cryptoKeys/vault"
    return asset(
        *("cloudkms", "cloudkms.googleapis.com/CryptoKey", path),
        primary={"state": state},
        destroyScheduledDuration=wait,
    )


_CHANNEL = "projects/shop/notificationChannels/1"


def _alarm(*, sound: bool) -> list[Asset]:
    words = 'metric.type="loadbalancing.googleapis.com/https/request_count" AND metric.labels.response_code_class="500"'
    policy = asset(
        *("monitoring", "monitoring.googleapis.com/AlertPolicy", "projects/shop/alertPolicies/1", "global"),
        displayName="errors",
        enabled=sound,
        conditions=[{"conditionThreshold": {"filter": words}}],
        notificationChannels=[_CHANNEL] if sound else [],
    )
    channel = asset(
        *("monitoring", "monitoring.googleapis.com/NotificationChannel", _CHANNEL, "global"), type="email", enabled=True
    )
    return [policy, channel]


def _secret(*regions: str) -> Asset:
    replicas = [{"location": region} for region in regions]
    path = "projects/shop/secrets/password"
    return asset(
        *("secretmanager", "secretmanager.googleapis.com/Secret", path, "global"),
        replication={"userManaged": {"replicas": replicas}} if regions else {"automatic": {}},
    )


def _certificate(days: int, **more: Any) -> list[Asset]:
    link = f"{_COMPUTE}/global/sslCertificates/shop.example.com"
    end = (NOW + timedelta(days)).isoformat()
    path = "projects/shop/global/sslCertificates/shop.example.com"
    proxy = "projects/shop/global/targetHttpsProxies/front"
    return [
        asset("compute", "compute.googleapis.com/SslCertificate", path, "global", expireTime=end, **more),
        asset("compute", "compute.googleapis.com/TargetHttpsProxy", proxy, "global", sslCertificates=[link]),
    ]


_BACKUP = {
    "primaryBackup": {
        "primaryTargets": {"externalEndpoints": ["192.0.2.1"]},
        "backupGeoTargets": {"items": [{"location": "europe-west4", "rrdatas": ["198.51.100.1"]}]},
    },
    "healthCheck": "projects/shop/global/healthChecks/web",
}
_CHECK = asset(
    *("compute", "compute.googleapis.com/HealthCheck", "projects/shop/global/healthChecks/web", "global"), type="HTTP"
)
_ZONES = ("europe-west4-a", "europe-west4-b", "europe-west4-c")
ESTATE: Mapping[str, Sequence[Asset]] = {
    "bare balancer": _balancer(_ZONES[:1]),
    "sound balancer": _balancer(_ZONES),
    "bare queue": [_queue("3600s")],
    "sound queue": [_queue("345600s", "projects/shop/topics/jobs-dead")],
    "bare domain": _zone(sound=False),
    "sound domain": _zone(sound=True),
    "bare record": _record(3600, rrdatas=["192.0.2.1"]),
    "sound record": [*_record(60, routingPolicy=_BACKUP), _CHECK],
    "bare key": [_key("DESTROY_SCHEDULED", "86400s")],
    "sound key": [_key("ENABLED", "2592000s")],
    "bare alarm": _alarm(sound=False),
    "sound alarm": _alarm(sound=True),
    "bare secret": [_secret("europe-west4")],
    "sound secret": [_secret()],
    "bare certificate": _certificate(10, type="SELF_MANAGED"),
    "sound certificate": _certificate(200, type="MANAGED", managed={"status": "ACTIVE"}),
}

"""Buckets, Filestore, Pub/Sub, load balancing, networks, DNS, keys and secrets of Google. Defaults: documentation of the provider."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from bot.audit.collectors.engine.google_places import BUCKET_REGIONS, members_of, region_of
from bot.audit.collectors.terraform.gaps import NOT_USED, ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.places import google_region
from bot.audit.collectors.terraform.resource import PlanResource, all_of, kind, told
from checks import (
    GLOBAL,
    Datastore,
    DnsRecord,
    DnsZone,
    EncryptionKey,
    Fact,
    LoadBalancer,
    Maybe,
    ObjectStore,
    Queue,
    Secret,
    StoreKind,
    Topic,
    Unread,
)

_ROUTING: Final = ("A", "AAAA", "CNAME")


def _bucket(row: PlanResource) -> Iterable[Fact]:
    """A bucket: its location is a region, a pair of regions or a multi-region."""
    place = row.text_of("location", "us")
    location = told(place, "").lower()
    storage = row.text_of("storage_class", "STANDARD")
    pair = tuple(name.lower() for name in told(row.maybe(row.texts, "custom_placement_config.data_locations"), ()))
    regions = tuple(sorted(pair)) or (place if isinstance(place, Unread) else members_of(location, BUCKET_REGIONS))
    yield row.fact(
        ObjectStore,
        product="storage",
        region=region_of(location),
        versioning=row.flag_of("versioning.enabled"),
        soft_delete_days=_days(row.number_of("soft_delete_policy.retention_duration_seconds", 0)),
        replica_regions=regions,
        zone_redundant=storage if isinstance(storage, Unread) else storage.upper() != "RAPID",  # of zonal buckets
        object_lock=Unread(NOT_USED),
        lifecycle=Unread(NOT_USED),
        encryption_key=row.identity_of("encryption.default_kms_key_name", "google_kms_crypto_key"),
    )


def _days(seconds: Maybe[int]) -> Maybe[int]:
    return seconds if isinstance(seconds, Unread) else seconds // 86_400


def _filestore(row: PlanResource) -> Iterable[Fact]:
    """A Filestore instance: tiers ENTERPRISE and REGIONAL are in several zones."""
    tier, place = row.text_of("tier"), row.plain("location") or row.plain("zone")
    yield row.fact(
        Datastore,
        product="filestore",
        kind=StoreKind.FILE,
        engine="nfs",
        zones=(place,) if place and place != google_region(place) else (),
        zone_redundant=tier if isinstance(tier, Unread) else tier in {"ENTERPRISE", "REGIONAL"},
        deletion_protection=row.flag_of("deletion_protection_enabled"),
        encryption_key=row.identity_of("kms_key_name", "google_kms_crypto_key"),
    )


def _topic(row: PlanResource) -> Iterable[Fact]:
    """A topic with its subscriptions."""
    found = row.joined("google_pubsub_subscription", "topic")
    count = len(found.found)
    yield row.fact(
        Topic,
        product="pubsub",
        subscriptions=count if count or not found.doubt else found.doubt,
        encryption_key=row.identity_of("kms_key_name", "google_kms_crypto_key"),
    )


def _subscription(row: PlanResource) -> Iterable[Fact]:
    """A subscription, which keeps what its reader has not processed; seven days unless set."""
    kept = row.text_of("message_retention_duration", "604800s")
    seconds = told(kept, "").removesuffix("s").partition(".")[0]
    policy = row.blocks("dead_letter_policy")
    topics = row.linked("topic", "google_pubsub_topic")
    collects = any(
        topic.joined("google_pubsub_subscription", "dead_letter_policy.dead_letter_topic").found for topic in topics
    )
    yield row.fact(
        Queue,
        product="pubsub",
        dead_letter=policy if isinstance(policy, Unread) else bool(policy),
        is_dead_letter=collects,
        retention=kept if isinstance(kept, Unread) else timedelta(seconds=int(seconds)) if seconds.isdigit() else None,
    )


def _rule(row: PlanResource) -> Iterable[Fact]:
    """A forwarding rule: Google's load balancers span all zones of a region; their backends may not.

    One of a VPN or of Private Service Connect balances nothing.
    """
    target = row.plain("target")
    if row.linked("target", *_NO_BALANCER) or any(word in target for word in _NO_BACKENDS):
        return
    backends = _services(row)
    logs = [backend.flag_of("log_config.enable") for backend in backends]
    everywhere = row.resource_type == "google_compute_global_forwarding_rule"
    yield row.fact(
        LoadBalancer,
        product="load-balancing",
        region="global" if everywhere else row.identity.region,
        kind="global" if everywhere else "regional",
        zones=_backend_zones(row),
        internet_facing=row.plain("load_balancing_scheme", "EXTERNAL").startswith("EXTERNAL"),
        cross_zone=None,
        access_logs=all_of(logs) if logs else None,
        listeners=Unread(NOT_USED),
        targets=tuple(dict.fromkeys(group.identity.resource for group in _groups(row))),
        healthy_by_zone=Unread(ONLY_AFTER_DEPLOYMENT),
    )


_PROXIES: Final = tuple(
    f"google_compute_{scope}target_{name}_proxy"
    for scope in ("", "region_")
    for name in ("http", "https", "tcp", "ssl")
)
_MAPS: Final = ("google_compute_url_map", "google_compute_region_url_map")
_BACKENDS: Final = ("google_compute_backend_service", "google_compute_region_backend_service")


_NO_BALANCER: Final = ("google_compute_vpn_gateway", "google_compute_service_attachment")
_NO_BACKENDS: Final = ("/targetVpnGateways/", "/serviceAttachments/", "all-apis", "vpc-sc")


def _services(row: PlanResource) -> list[PlanResource]:
    """The backend services of a forwarding rule: its own, and those of its proxy and URL map."""
    backends = row.linked("backend_service", *_BACKENDS)
    for proxy in row.linked("target", *_PROXIES):
        backends += proxy.linked("backend_service", *_BACKENDS)
        for paths in proxy.linked("url_map", *_MAPS):
            backends += paths.linked("default_service", *_BACKENDS)
            backends += paths.linked("path_matcher.default_service", *_BACKENDS)
            backends += paths.linked("path_matcher.path_rule.service", *_BACKENDS)
    return backends


def _groups(row: PlanResource) -> list[PlanResource]:
    """The instance groups behind a forwarding rule."""
    return [group for backend in _services(row) for group in backend.linked("backend.group")]


def _backend_zones(row: PlanResource) -> tuple[str, ...]:
    """The zones of the groups behind it; empty, so unknown, where a group names none."""
    zones: set[str] = set()
    for group in _groups(row):
        if zone := group.plain("zone").rpartition("/")[2]:
            zones.add(zone)
        else:
            zones |= set(told(group.maybe(group.texts, "distribution_policy_zones"), ()))
    return tuple(sorted(zones))


def _zone(row: PlanResource) -> Iterable[Fact]:
    """A managed zone."""
    yield row.fact(
        DnsZone,
        product="dns",
        region="global",
        name=row.plain("dns_name").rstrip(".").lower() or row.identity.name,
        private=row.plain("visibility") == "private",
        records=len(row.joined("google_dns_record_set", "managed_zone").found),
        name_servers=tuple(sorted(name.rstrip(".") for name in told(row.maybe(row.texts, "name_servers"), ()))),
    )


def _record(row: PlanResource) -> Iterable[Fact]:
    """A record set; a routing policy steers by weight, place or health."""
    if row.plain("type") not in _ROUTING:
        return
    zones = row.linked("managed_zone", "google_dns_managed_zone")
    policies = {"primary_backup": "failover", "wrr": "weighted", "geo": "geolocation"}
    policy = next((name for path, name in policies.items() if told(row.blocks(f"routing_policy.{path}"), ())), "simple")
    counts = row.view.once(
        "google record sets",
        lambda: Counter((other.plain("name"), other.plain("type")) for other in row.others("google_dns_record_set")),
    )
    yield row.fact(
        DnsRecord,
        product="dns",
        region="global",
        name=row.plain("name").rstrip(".").lower(),
        about=tuple(other.identity.resource for other in row.linked("rrdatas")),
        zone=zones[0].plain("dns_name").rstrip(".") if zones else row.plain("managed_zone"),
        type=row.plain("type"),
        policy=policy,
        ttl=told(row.number_of("ttl", 0), 0) or None,
        targets=_targets(row),
        siblings=2 if policy == "failover" else max(_choices(row), counts[row.plain("name"), row.plain("type")]),
        health_check=row.identity_of("routing_policy.health_check"),
        health_check_exists=_check_exists(row),
        evaluates_target_health=policy == "failover" or any(_checked(row)) or None,
        private_zone=zones[0].plain("visibility") == "private" if zones else None,
    )


_CHOICES: Final = ("wrr", "geo", "primary_backup.backup_geo")


def _targets(row: PlanResource) -> tuple[str, ...]:
    """The values of a record set, and those between which its routing policy chooses."""
    paths = ("rrdatas", *(f"routing_policy.{name}.rrdatas" for name in _CHOICES))
    primary = "routing_policy.primary_backup.primary.external_endpoints"
    return tuple(dict.fromkeys(text for path in (*paths, primary) for text in row.links(path).others))


def _choices(row: PlanResource) -> int:
    return sum(len(told(row.blocks(f"routing_policy.{name}"), ())) for name in _CHOICES)


def _checked(row: PlanResource) -> list[bool]:
    blocks = (block for name in _CHOICES for block in told(row.blocks(f"routing_policy.{name}"), ()))
    return [bool(told(block.maybe(block.rows, "health_checked_targets"), ())) for block in blocks]


def _check_exists(row: PlanResource) -> Maybe[bool | None]:
    links = row.links("routing_policy.health_check")
    if links.found:
        return True
    return Unread(f"health check {links.others[0]} is not in the plan") if links.others else None


def _key(row: PlanResource) -> Iterable[Fact]:
    """A key: its ring's location is a region or a multi-region. A new one is enabled; a state reports on its primary version."""
    state = row.text_of("primary.state", "ENABLED")
    rings = row.linked("key_ring", "google_kms_key_ring")
    place = rings[0].plain("location") if rings else row.plain("key_ring").partition("/locations/")[2].partition("/")[0]
    yield row.fact(
        EncryptionKey,
        product="kms",
        region=region_of(place) if place else row.identity.region,
        replica_regions=members_of(place, BUCKET_REGIONS),
        multi_region=region_of(place) == GLOBAL if place else Unread("its key ring is not in the plan"),
        enabled=state if isinstance(state, Unread) else state == "ENABLED",
        pending_deletion=state if isinstance(state, Unread) else state in {"DESTROY_SCHEDULED", "DESTROYED"},
        in_use=Unread(NOT_USED),
        recovery_days=_days(_seconds(row.text_of("destroy_scheduled_duration", "2592000s"))),
    )


def _seconds(duration: Maybe[str]) -> Maybe[int]:
    return duration if isinstance(duration, Unread) else int(float(duration.removesuffix("s") or 0))


def _secret(row: PlanResource) -> Iterable[Fact]:
    """A secret: replicated by Google, or to the regions that it names."""
    named = told(row.maybe(row.rows, "replication.user_managed.replicas"), ())
    regions = tuple(sorted(told(replica.maybe(replica.text, "location"), "") for replica in named))
    yield row.fact(
        Secret,
        product="secretmanager",
        name=row.plain("secret_id") or row.identity.name,
        region=regions[0] if regions else "global",
        replica_regions=regions[1:],
        rotates=bool(told(row.blocks("rotation"), ())),
    )


KINDS = (
    kind("google_storage_bucket", (ObjectStore,), _bucket),
    kind("google_filestore_instance", (Datastore,), _filestore),
    kind("google_pubsub_topic", (Topic,), _topic),
    kind("google_pubsub_subscription", (Queue,), _subscription),
    kind("google_compute_forwarding_rule", (LoadBalancer,), _rule),
    kind("google_compute_global_forwarding_rule", (LoadBalancer,), _rule),
    kind("google_dns_managed_zone", (DnsZone,), _zone),
    kind("google_dns_record_set", (DnsRecord,), _record),
    kind("google_kms_crypto_key", (EncryptionKey,), _key),
    kind("google_secret_manager_secret", (Secret,), _secret),
)

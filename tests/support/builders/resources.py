"""Builders of facts that a cloud's interface tells: stores, compute, traffic, names, keys."""

from datetime import timedelta
from typing import Any

from support.builders.moment import AWAY, HOME, NOW, ZONES, days_ago, fact

from checks import (
    GLOBAL,
    Capacity,
    Certificate,
    ComputeGroup,
    ComputeKind,
    Datastore,
    Distribution,
    DnsRecord,
    DnsZone,
    EncryptionKey,
    Gateway,
    HealthCheck,
    LoadBalancer,
    Network,
    ObjectStore,
    Queue,
    Quota,
    Secret,
    StoreKind,
    Topic,
    Volume,
)


def datastore(name: str = "orders", **fields: Any) -> Datastore:
    """A replicated, backed up relational primary; say `kind=` for another."""
    return fact(
        Datastore,
        name,
        fields,
        product="rds",
        kind=StoreKind.RELATIONAL,
        engine="postgres",
        zones=ZONES[:2],
        zone_redundant=True,
        nodes=2,
        automatic_failover=True,
        replica_regions=(AWAY,),
        backup_days=14,
        point_in_time_recovery=True,
        deletion_protection=True,
        capacity=Capacity.AUTOSCALED,
        storage_autoscaling=True,
        minor_upgrades=True,
    )


def object_store(name: str = "receipts", **fields: Any) -> ObjectStore:
    """A versioned, locked bucket with a replica in the second region."""
    return fact(
        ObjectStore,
        name,
        fields,
        product="s3",
        versioning=True,
        replica_regions=(AWAY,),
        object_lock=True,
        lifecycle=True,
        zone_redundant=True,
    )


def volume(name: str = "data", **fields: Any) -> Volume:
    """A volume with a snapshot of yesterday."""
    return fact(
        Volume,
        name,
        fields,
        product="ec2",
        zone=ZONES[0],
        size_gib=100,
        attached_to="i-1",
        last_snapshot_at=days_ago(1),
    )


def compute(name: str = "web", **fields: Any) -> ComputeGroup:
    """A group of machines over three zones behind a load balancer, with room to grow."""
    return fact(
        ComputeGroup,
        name,
        fields,
        product="autoscaling",
        kind=ComputeKind.MACHINE_GROUP,
        zones=ZONES,
        zones_in_use=ZONES,
        zone_redundant=True,
        min_size=3,
        max_size=9,
        desired=3,
        running=3,
        traffic=True,
        health_check="elb",
        suspended=(),
        machine_types=("m7g.large", "m6g.large"),
        free_addresses=200,
        automatic_rollback=True,
        detailed_monitoring=True,
        zonal_shift=True,
    )


def function(name: str = "charge", **fields: Any) -> ComputeGroup:
    """A function that the region places itself, asynchronous failures kept."""
    return fact(
        ComputeGroup,
        name,
        fields,
        product="lambda",
        kind=ComputeKind.FUNCTION,
        zone_redundant=True,
        dead_letter=True,
        reserved_concurrency=100,
        runtime="python3.13",
        runtime_supported=True,
    )


def load_balancer(name: str = "front", **fields: Any) -> LoadBalancer:
    """A load balancer of three zones, each with healthy targets."""
    return fact(
        LoadBalancer,
        name,
        fields,
        product="elasticloadbalancing",
        kind="application",
        zones=ZONES,
        internet_facing=True,
        cross_zone=True,
        deletion_protection=True,
        access_logs=True,
        listeners=2,
        targets=("i-1", "i-2", "i-3"),
        healthy_by_zone=dict.fromkeys(ZONES, 1),
        zonal_shift=True,
    )


def network(name: str = "main", **fields: Any) -> Network:
    """A network in which each zone leaves by its own NAT gateway."""
    return fact(Network, name, fields, product="ec2", zones=ZONES, nat_zones=ZONES, private_subnet_zones=ZONES)


def gateway(name: str = "api", **fields: Any) -> Gateway:
    """A regional API gateway with a name of its own."""
    return fact(Gateway, name, fields, product="apigateway", kind="regional", tracing=True, custom_domain=True)


def dns_zone(name: str = "example.com", **fields: Any) -> DnsZone:
    """A public zone, delegated, locked and renewed."""
    servers = ("ns-1.example.net", "ns-2.example.org")
    return fact(
        DnsZone,
        name,
        fields,
        product="route53",
        region=GLOBAL,
        records=12,
        name_servers=servers,
        delegated_to=servers,
        registrar_lock=True,
        auto_renew=True,
        expires_at=NOW + timedelta(days=300),
    )


def dns_record(name: str = "www.example.com", **fields: Any) -> DnsRecord:
    """The primary of a failover pair with a health check; the other is `role="secondary"`."""
    fields.setdefault("resource", f"route53/{name}/{fields.get('type', 'A')}/{fields.get('role', 'primary')}")
    return fact(
        DnsRecord,
        name,
        fields,
        product="route53",
        region=GLOBAL,
        zone="example.com",
        type="A",
        policy="failover",
        role="primary",
        ttl=60,
        targets=("192.0.2.1",),
        target_regions=(HOME,),
        siblings=2,
        health_check="hc-1",
        health_check_exists=True,
    )


def health_check(name: str = "hc-1", **fields: Any) -> HealthCheck:
    """A probe that notices within thirty seconds."""
    return fact(
        HealthCheck,
        name,
        fields,
        product="route53",
        region=GLOBAL,
        target="https://www.example.com/health",
        detects_in=timedelta(seconds=30),
    )


def distribution(name: str = "cdn", **fields: Any) -> Distribution:
    """A content delivery network with a second origin that takes over."""
    return fact(
        Distribution,
        name,
        fields,
        product="cloudfront",
        region=GLOBAL,
        origins=("one.example.com", "two.example.com"),
        origin_failover=True,
    )


def queue(name: str = "jobs", **fields: Any) -> Queue:
    """A queue whose failed messages are kept."""
    return fact(Queue, name, fields, product="sqs", dead_letter=True, retention=timedelta(days=4))


def topic(name: str = "alerts", **fields: Any) -> Topic:
    """A topic with a subscriber."""
    return fact(Topic, name, fields, product="sns", subscriptions=1)


def certificate(name: str = "example.com", **fields: Any) -> Certificate:
    """A certificate in use that renews itself."""
    return fact(
        Certificate,
        name,
        fields,
        product="acm",
        expires_at=NOW + timedelta(days=200),
        renews_itself=True,
        in_use=True,
    )


def secret(name: str = "db-password", **fields: Any) -> Secret:
    """A secret with a copy in the second region."""
    return fact(Secret, name, fields, product="secretsmanager", replica_regions=(AWAY,), rotates=True)


def encryption_key(name: str = "data-key", **fields: Any) -> EncryptionKey:
    """A multi-region key with a replica."""
    return fact(
        EncryptionKey, name, fields, product="kms", multi_region=True, replica_regions=(AWAY,), recovery_days=30
    )


def quota(name: str = "Running On-Demand Standard instances", **fields: Any) -> Quota:
    """A quota used to a quarter."""
    return fact(Quota, name, fields, product="ec2", limit=400.0, used=100.0, unit="vCPU", adjustable=True)

"""Builders of services and facts: everything is in good order until a test says otherwise, and a test names only that."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from checks import (
    DEFAULT_TIERS,
    GLOBAL,
    Alarm,
    Assessment,
    Attestation,
    Backup,
    BackupPlan,
    Capacity,
    Certificate,
    CommunicationRoute,
    ComputeGroup,
    ComputeKind,
    Datastore,
    Deployment,
    Distribution,
    DnsRecord,
    DnsZone,
    EncryptionKey,
    EndpointUse,
    Fact,
    Gap,
    Gateway,
    HealthCheck,
    LoadBalancer,
    Network,
    ObjectStore,
    Pipeline,
    Queue,
    Quota,
    Rehearsal,
    RehearsalKind,
    RehearsalResult,
    Runbook,
    Secret,
    Seen,
    Service,
    SignalKind,
    Stack,
    StoreKind,
    Topic,
    TrafficShift,
    Volume,
)

F = TypeVar("F", bound=Fact)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ACCOUNT = "111122223333"
HOME, AWAY = "us-east-1", "us-west-2"
ZONES = ("use1-az1", "use1-az2", "use1-az4")


def days_ago(days: float) -> datetime:
    """That many days before NOW."""
    return NOW - timedelta(days=days)


def service(name: str = "checkout", *, tier: int = 1, **fields: Any) -> Service:
    """A service of tier 1 with an owner, an audience and known figures."""
    sound: dict[str, Any] = {
        "owner": "payments",
        "audience": "payments",
        "users": 120_000,
        "revenue_per_hour": 42_000.0,
        "revenue_as_of": date(2026, 11, 1),
    }
    return Service(name, DEFAULT_TIERS[tier], **sound | fields)


def seen(*facts: Fact, of: Service | None = None, gaps: tuple[Gap, ...] = ()) -> Seen:
    """What is known of one service."""
    return Seen(of or service(), facts, gaps)


def gap(*kinds: type[Fact], **fields: Any) -> Gap:
    """A listing that was denied: facts of these kinds may be missing."""
    sound: dict[str, Any] = {
        "source": "aws_test",
        "provider": "aws",
        "account": ACCOUNT,
        "region": HOME,
        "reason": "AccessDenied",
        "action": "test:List",
    }
    return Gap(kinds=kinds, **sound | fields)


def fact(kind: type[F], name: str, fields: dict[str, Any], **sound: Any) -> F:
    """A fact of any kind: `fields` win over `sound`, what neither names is a resource of us-east-1 read now."""
    region = fields.get("region", sound.get("region", HOME))
    product = fields.get("product", sound.get("product", "test"))
    identity: dict[str, Any] = {
        "resource": f"arn:aws:{product}:{region}:{ACCOUNT}:{kind.__name__.lower()}/{name}",
        "name": name,
        "provider": "aws",
        "account": ACCOUNT,
        "region": HOME,
        "product": product,
        "source": "test",
        "observed_at": NOW,
    }
    return kind(**identity | sound | fields)


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
        machine_types=("m7g.large", "m6g.large"),
        free_addresses=200,
        automatic_rollback=True,
        detailed_monitoring=True,
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
    return fact(EncryptionKey, name, fields, product="kms", multi_region=True, replica_regions=(AWAY,))


def alarm(name: str = "orders-errors", **fields: Any) -> Alarm:
    """An alarm on errors that reaches someone; `about=` names what it watches."""
    return fact(
        Alarm,
        name,
        fields,
        product="cloudwatch",
        signal=SignalKind.ERRORS,
        metric="Errors",
        actions=("arn:aws:sns:us-east-1:111122223333:alerts",),
        reaches_someone=True,
    )


def backup_plan(name: str = "nightly", **fields: Any) -> BackupPlan:
    """A daily plan that copies to another region and account."""
    return fact(
        BackupPlan,
        name,
        fields,
        product="backup",
        every=timedelta(days=1),
        keep_days=35,
        copy_regions=(AWAY,),
        copy_accounts=("444455556666",),
        selects=5,
    )


def backup(name: str = "orders", **fields: Any) -> Backup:
    """Yesterday's recovery point, copied to another region and account; `about=` names its resource."""
    return fact(
        Backup,
        name,
        fields,
        product="backup",
        latest_at=days_ago(1),
        copy_regions=(AWAY,),
        copy_accounts=("444455556666",),
    )


def stack(name: str = "checkout-prod", **fields: Any) -> Stack:
    """A protected stack without drift."""
    return fact(
        Stack,
        name,
        fields,
        product="cloudformation",
        termination_protection=True,
        rollback_triggers=1,
        status="UPDATE_COMPLETE",
        drifted=False,
    )


def pipeline(name: str = "deliver", **fields: Any) -> Pipeline:
    """A pipeline that tries staging first, asks, goes gradually and rolls back by itself."""
    return fact(
        Pipeline,
        name,
        fields,
        product="codepipeline",
        stages=("Source", "Staging", "Approve", "Production"),
        approval=True,
        automatic_rollback=True,
        gradual=True,
        staging_first=True,
        regions=(HOME, AWAY),
    )


def rehearsal(name: str = "failover drill", **fields: Any) -> Rehearsal:
    """A failover that a machine saw succeed a month ago, back in a quarter of an hour."""
    return fact(
        Rehearsal,
        name,
        fields,
        product="drill",
        region=GLOBAL,
        kind=RehearsalKind.FAILOVER,
        at=days_ago(30),
        result=RehearsalResult.SUCCEEDED,
        scope="aws/us-east-1",
        measured_rto=timedelta(minutes=15),
    )


def traffic_shift(name: str = "shift", **fields: Any) -> TrafficShift:
    """An automatic zonal shift; `protects=` names what is under it."""
    return fact(TrafficShift, name, fields, product="arc", kind="zonal", automatic=True)


def endpoint_use(name: str = "deployer", **fields: Any) -> EndpointUse:
    """A principal that calls the regional STS endpoint."""
    return fact(
        EndpointUse,
        name,
        fields,
        product="sts",
        endpoint="sts.us-east-1.amazonaws.com",
        endpoint_region=HOME,
        principal="deployer",
        calls=40,
        window=timedelta(days=7),
    )


def quota(name: str = "Running On-Demand Standard instances", **fields: Any) -> Quota:
    """A quota used to a quarter."""
    return fact(Quota, name, fields, product="ec2", limit=400.0, used=100.0, unit="vCPU", adjustable=True)


def assessment(name: str = "checkout", **fields: Any) -> Assessment:
    """Another tool's favourable judgement."""
    return fact(
        Assessment,
        name,
        fields,
        product="resiliencehub",
        tool="Resilience Hub",
        assessed_at=days_ago(5),
        compliant=True,
    )


def deployment(name: str = "checkout in us-east-1", **fields: Any) -> Deployment:
    """A declared active deployment in three zones."""
    return fact(Deployment, name, fields, product="catalogue", role="active", zones=ZONES, runs="containers")


def runbook(name: str = "checkout runbook", **fields: Any) -> Runbook:
    """A runbook reviewed a month ago, hosted elsewhere, with a copy kept."""
    return fact(
        Runbook,
        name,
        fields,
        product="runbook",
        region=GLOBAL,
        url="https://docs.example.com/checkout",
        reviewed_at=days_ago(30),
        reachable=True,
        hosted_on=("gcp",),
        copy_kept=True,
        steps=8,
        names_failover=True,
    )


def route(name: str = "slack #payments", **fields: Any) -> CommunicationRoute:
    """The primary route; a fallback is `order=1, runs_on=...`."""
    return fact(
        CommunicationRoute,
        name,
        fields,
        product="slack",
        region=GLOBAL,
        audience="payments",
        kind="slack",
        order=0,
        runs_on=("aws",),
        tested_at=days_ago(3),
    )


def attestation(practice: str = "kill_switch", **fields: Any) -> Attestation:
    """A colleague's word of a month ago, with a link, valid for months."""
    return fact(
        Attestation,
        practice,
        fields,
        product="catalogue",
        region=GLOBAL,
        practice=practice,
        by="platform",
        at=days_ago(30),
        link="https://docs.example.com/evidence",
        expires_at=NOW + timedelta(days=150),
    )

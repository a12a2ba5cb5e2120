"""One part that cannot be read hides no readable one that settles the verdict."""

import pytest
from support.builders.facts import (
    ZONES,
    alarm,
    backup,
    backup_plan,
    compute,
    datastore,
    days_ago,
    dns_record,
    dns_zone,
    gap,
    load_balancer,
    object_store,
    pipeline,
    quota,
    runbook,
    secret,
    service,
    traffic_shift,
    volume,
)
from support.builders.networks import accelerator, line, vpn
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, about, case

from checks import (
    Backup,
    BackupPlan,
    ComputeGroup,
    ComputeKind,
    Datastore,
    DedicatedLine,
    Dependency,
    DnsRecord,
    Fact,
    HealthCheck,
    LoadBalancer,
    Pipeline,
    Quota,
    Secret,
    TrafficShift,
    Unread,
)

UNREAD = Unread("access denied to test:Describe")
BARE = datastore(backup_days=0, point_in_time_recovery=False, replica_regions=())
DARK = datastore(backup_days=UNREAD, point_in_time_recovery=UNREAD, replica_regions=UNREAD)
FRONT = load_balancer()
OURS, COPY = about(BARE), ("us-west-2",)

WEST = datastore(
    region="us-west-2", replica_regions=("us-east-1", "eu-west-1"), backup_days=0, point_in_time_recovery=False
)
EAST = datastore(region="us-east-1", replica_regions=("us-west-2", "eu-west-1"))
TWICE = (compute("a"), compute("b", region="us-west-2"))
HIDDEN = (compute("a", traffic=None), compute("b", region="us-west-2", traffic=None))
ELSEWHERE = gap(ComputeGroup, region="eu-west-1")
LINES = (line("dx-1"), line("dx-2", device="router-dx-2", location="site-dx-2"))
PINNED = (Dependency("aws/us-east-1/dynamodb", "scope"),)


def pair(*regions: str) -> list[Fact]:
    return [
        dns_record(policy="failover", siblings=2, health_check="h", target_regions=(region,) if region else ())
        for region in regions
    ]


def quotas(used: float) -> list[Fact]:
    return [quota(used=used, limit=10, region=region) for region in ("us-east-1", "us-west-2")]


def machine(name: str, zone: str) -> Fact:
    return compute(name, kind=ComputeKind.MACHINE, zones=(zone,), zones_in_use=(zone,))


CASES = [
    case("BK01", PASS, BARE, backup("a", about=OURS, latest_at=UNREAD), backup("b", about=OURS, latest_at=days_ago(1))),
    case("BK01", PASS, datastore(backup_days=0, point_in_time_recovery=False, last_snapshot_at=days_ago(1))),
    case("BK01", UNKNOWN, datastore(backup_days=0, point_in_time_recovery=False, last_snapshot_at=UNREAD)),
    case("BK01", UNKNOWN, BARE, backup(about=OURS, latest_at=UNREAD)),
    case("BK02", PASS, datastore(backup_days=7, point_in_time_recovery=UNREAD), of=service(tier=3)),
    case("BK02", PASS, DARK, backup(about=about(DARK), latest_at=days_ago(0.001))),
    case("BK02", UNKNOWN, DARK, backup(about=about(DARK), latest_at=days_ago(2))),
    case("BK03", NOT_APPLICABLE, datastore(replica_of="arn:primary", backup_days=UNREAD)),
    case("BK04", PASS, datastore(replica_regions=UNREAD, backup_regions=COPY)),
    case("BK04", PASS, BARE, backup(about=OURS, copy_regions=UNREAD), backup_plan(about=OURS, copy_regions=COPY)),
    case("BK04", UNKNOWN, BARE, backup(about=OURS, copy_regions=UNREAD)),
    case("BK04", UNKNOWN, datastore(replica_regions=UNREAD)),
    case("BK05", PASS, BARE, backup(about=OURS, copy_accounts=UNREAD, locked=True)),
    case("BK05", PASS, BARE, backup(about=OURS, copy_accounts=UNREAD), backup_plan(about=OURS, copy_accounts=("4",))),
    case("BK05", UNKNOWN, BARE, backup(about=OURS, copy_accounts=(), copy_regions=COPY, locked=UNREAD)),
    case("BK05", FAIL, BARE, backup(about=OURS, copy_accounts=(), copy_regions=COPY)),
    case("BK06", PASS, volume(last_snapshot_at=UNREAD), backup(about=about(volume()), latest_at=days_ago(1))),
    case("BK06", UNKNOWN, volume(last_snapshot_at=UNREAD)),
    case("RG03", PASS, object_store(replica_regions=UNREAD, multi_region_access=True)),
    case("RG03", UNKNOWN, object_store(replica_regions=(), multi_region_access=UNREAD)),
    case("AU01", NOT_APPLICABLE, datastore(replica_of="arn:primary", deletion_protection=UNREAD)),
    case("AU05", PASS, pipeline(approval=UNREAD, gradual=True, automatic_rollback=True)),
    case("AU05", FAIL, pipeline(approval=False, gradual=UNREAD, automatic_rollback=False)),
    case("AU05", UNKNOWN, pipeline(approval=UNREAD, gradual=False)),
    case("FO01", NOT_APPLICABLE, datastore(replica_of="arn:primary", automatic_failover=UNREAD)),
    case(
        "FO06",
        PASS,
        FRONT,
        traffic_shift("a", protects=about(FRONT), automatic=UNREAD),
        traffic_shift("b", protects=about(FRONT), automatic=True),
    ),
    case(
        "FO06",
        PASS,
        FRONT,
        traffic_shift(protects=about(FRONT), automatic=True),
        gaps=(gap(TrafficShift),),
    ),
    case("FO05", PASS, *TWICE, *pair("us-east-1", "us-west-2"), gaps=(gap(TrafficShift),)),
    case("FO05", PASS, *TWICE, *pair("us-east-1", "us-west-2"), gaps=(gap(DnsRecord),)),
    case("FO05", UNKNOWN, *TWICE, *pair("", ""), gaps=(gap(DnsRecord),)),
    case("FO05", UNKNOWN, *TWICE, gaps=(gap(TrafficShift),)),
    case("FO05", PASS, *TWICE, accelerator(), gaps=(gap(TrafficShift),), says="routes checkout between"),
    case("FO05", UNKNOWN, *TWICE, accelerator(regions=UNREAD)),
    case("FO05", FAIL, *TWICE, accelerator(regions=("us-east-1",))),
    case("RG01", FAIL, datastore("a", replica_regions=UNREAD), datastore("b", replica_regions=()), says="runs only"),
    case("RG01", FAIL, datastore("b", replica_regions=()), gaps=(gap(Datastore),)),
    case("RG01", UNKNOWN, datastore("a", replica_regions=UNREAD), datastore("b", replica_regions=COPY)),
    case("RG01", UNKNOWN, datastore("b", replica_regions=COPY), gaps=(gap(Datastore),)),
    case("CA03", UNKNOWN, compute(desired=None, max_size=UNREAD)),
    case("CA05", FAIL, *TWICE, *quotas(9), quota("other", used=UNREAD), says="fail over"),
    case("CA05", UNKNOWN, *TWICE, *quotas(1), quota("other", used=UNREAD)),
    case("CA05", UNKNOWN, *TWICE, quota(used=UNREAD), quota(used=1, region="us-west-2")),
    case("CA07", FAIL, compute(desired=9, max_size=UNREAD), compute(region="us-west-2", desired=1, max_size=2)),
    case("CA07", UNKNOWN, compute(desired=9, max_size=9), compute(region="us-west-2", desired=1, max_size=UNREAD)),
    case("OB07", PASS, compute(), alarm("a", reaches_someone=UNREAD), alarm("b", region="us-west-2")),
    case("OB07", PASS, compute(), alarm("b", region="us-west-2"), gaps=(gap(HealthCheck),)),
    case("OB07", UNKNOWN, compute(), alarm("a", region="us-west-2", reaches_someone=UNREAD), alarm("b")),
    case("OB07", UNKNOWN, compute(), alarm("b"), gaps=(gap(HealthCheck),)),
    case("DN03", NOT_APPLICABLE, dns_zone(private=True, delegated_to=UNREAD)),
    case("DN04", FAIL, dns_zone(auto_renew=UNREAD, expires_at=days_ago(-3))),
    case("DN04", FAIL, dns_zone(auto_renew=False, expires_at=UNREAD)),
    case("DN04", UNKNOWN, dns_zone(auto_renew=True, expires_at=UNREAD)),
    case("PR02", PASS, compute(), compute("b", provider="gcp"), gaps=(gap(Datastore),)),
    case("PR02", UNKNOWN, compute(), gaps=(gap(Datastore),)),
    case("RB03", FAIL, runbook(hosted_on=("aws",), copy_kept=False), compute(), gaps=(gap(Datastore),)),
    case("RB03", UNKNOWN, runbook(hosted_on=("gcp",), copy_kept=False), compute(), gaps=(gap(Datastore),)),
    case("ZN02", PASS, machine("a", ZONES[0]), machine("b", ZONES[1]), gaps=(gap(ComputeGroup),)),
    case("ZN02", UNKNOWN, machine("a", ZONES[0]), gaps=(gap(ComputeGroup),)),
    case("ZN03", UNKNOWN, compute(zones=ZONES[:1], zone_redundant=UNREAD)),
    case("ZN05", PASS, load_balancer(healthy_by_zone={ZONES[0]: 2, ZONES[1]: 2}, healthy_unplaced=1)),
    case("ZN05", FAIL, load_balancer(healthy_by_zone={ZONES[0]: 9}, healthy_unplaced=1)),
    case("ZN05", UNKNOWN, load_balancer(healthy_by_zone={ZONES[0]: 1, ZONES[1]: 1}, healthy_unplaced=2)),
    case("BK02", PASS, BARE, backup(about=OURS, latest_at=days_ago(0.001)), gaps=(gap(Backup),)),
    case("BK04", PASS, BARE, backup(about=OURS, copy_regions=COPY), gaps=(gap(BackupPlan),)),
    case("BK04", PASS, BARE, backup_plan(about=OURS, copy_regions=COPY), gaps=(gap(BackupPlan, Backup),)),
    case("BK04", UNKNOWN, BARE, backup(about=OURS, copy_regions=()), gaps=(gap(BackupPlan),)),
    case("BK05", PASS, BARE, backup(about=OURS, copy_accounts=("4",)), gaps=(gap(BackupPlan),)),
    case("CA05", FAIL, *TWICE, *quotas(9), gaps=(gap(Quota),)),
    case("CA05", FAIL, *TWICE, *quotas(9), gaps=(gap(ComputeGroup),)),
    case("CA05", UNKNOWN, *TWICE, *quotas(1), gaps=(ELSEWHERE,)),
    case("CA05", PASS, *TWICE, *quotas(1), gaps=(gap(ComputeGroup),)),
    case("CN07", PASS, *LINES, gaps=(gap(DedicatedLine),)),
    case("CN07", PASS, *LINES, line("dx-3", carries_traffic=UNREAD)),
    case("CN07", PASS, LINES[0], vpn("a", tunnels_up=UNREAD), vpn("b")),
    case("CN07", UNKNOWN, LINES[0], gaps=(gap(DedicatedLine),)),
    case("CN08", PASS, *LINES, gaps=(gap(DedicatedLine),)),
    case("CN08", UNKNOWN, line(carries_traffic=UNREAD), vpn()),
    case("CP03", FAIL, *TWICE, of=service(depends_on=PINNED), gaps=(gap(ComputeGroup),)),
    case("CP03", UNKNOWN, TWICE[0], of=service(depends_on=PINNED), gaps=(ELSEWHERE,)),
    case("CP03", NOT_APPLICABLE, TWICE[0], of=service(depends_on=PINNED), gaps=(gap(ComputeGroup),)),
    case("CP04", FAIL, *TWICE, load_balancer(), gaps=(gap(ComputeGroup),)),
    case("CP04", UNKNOWN, *TWICE, load_balancer(), gaps=(gap(LoadBalancer),)),
    case("CP04", PASS, *TWICE, load_balancer(), load_balancer(region="us-west-2"), gaps=(gap(LoadBalancer),)),
    case("CP05", PASS, *TWICE, pipeline("a"), pipeline("b", region="us-west-2"), gaps=(gap(Pipeline),)),
    case("CP05", FAIL, *TWICE, pipeline("a"), gaps=(gap(ComputeGroup),)),
    case("CP05", UNKNOWN, *TWICE, pipeline("a"), gaps=(gap(Pipeline),)),
    case("FO05", PASS, *TWICE, *pair("us-east-1", "us-west-2"), gaps=(gap(ComputeGroup),)),
    case("FO05", FAIL, *TWICE, gaps=(gap(ComputeGroup),)),
    case("FO05", UNKNOWN, *HIDDEN, *pair("us-east-1", "us-west-2"), gaps=(gap(ComputeGroup),)),
    case("OB07", PASS, compute(), alarm("a"), alarm("b", region="us-west-2"), gaps=(gap(ComputeGroup),)),
    case("OB07", FAIL, TWICE[0], alarm("a"), gaps=(gap(ComputeGroup),)),
    case("OB07", UNKNOWN, TWICE[0], alarm("b", region="us-west-2"), gaps=(ELSEWHERE,)),
    case("OB07", PASS, TWICE[0], alarm("b", region="us-west-2"), gaps=(gap(ComputeGroup),)),
    case("PO03", FAIL, compute(stack=""), gaps=(gap(Datastore),), says="1 of 1 that were read"),
    case("PO03", UNKNOWN, compute(stack="shop"), gaps=(gap(Datastore),)),
    case("RG01", FAIL, TWICE[0], gaps=(gap(ComputeGroup),), says="only in us-east-1"),
    case("RG01", FAIL, HIDDEN[0], gaps=(gap(ComputeGroup),), says="only in us-east-1"),
    case("RG01", UNKNOWN, TWICE[0], gaps=(ELSEWHERE,)),
    case("RG01", UNKNOWN, TWICE[0], gaps=(gap(ComputeGroup, region=""),)),
    case("RG01", UNKNOWN, TWICE[0], gaps=(gap(ComputeGroup, host=None),)),
    case("RG01", UNKNOWN, *TWICE, gaps=(gap(ComputeGroup),)),
    case("RG01", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("RG04", FAIL, *TWICE, secret(replica_regions=()), gaps=(gap(ComputeGroup),)),
    case("RG04", FAIL, *TWICE, secret("pin", replica_regions=()), gaps=(gap(Secret, resource="arn:secret:key-1"),)),
    case("RG04", UNKNOWN, *TWICE, secret("pin", replica_regions=()), gaps=(gap(Secret, resource="arn:secret:pin-1"),)),
    case("RG04", UNKNOWN, *TWICE, secret("pin", replica_regions=()), gaps=(gap(Secret),)),
    case("RG05", FAIL, *TWICE, pipeline(regions=("us-east-1",)), gaps=(gap(ComputeGroup),)),
    case("RG05", UNKNOWN, *TWICE, pipeline(regions=("us-east-1",)), gaps=(gap(Pipeline),)),
    case("RG05", PASS, *TWICE, pipeline(regions=("us-east-1", "us-west-2")), gaps=(gap(Pipeline),)),
    case("BK01", NOT_APPLICABLE, WEST, EAST, datastore(region="eu-west-1", replica_regions=UNREAD, backup_days=UNREAD)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_verdicts(row: Case) -> None:
    row.hold()

"""Serverless, elastic and shared stores of AWS: what each of their states means to each check."""

from datetime import timedelta

import pytest
from support.builders.facts import service
from support.fakes.aws import Fault
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN
from support.samples.aws_store_states import (
    LONG_AGO,
    YESTERDAY,
    Script,
    cache,
    cluster,
    collection,
    copied,
    directory,
    dsql,
    elastic,
    files,
    gateway_volume,
    graph,
    hsm_cluster,
    influx,
    influx_cluster,
    keyspaces_table,
    scheduled,
    warehouse,
)

from checks import Outcome

STRICT = service(rto=timedelta(minutes=15), rpo=timedelta(minutes=5))
DAILY = service(rto=timedelta(minutes=15), rpo=timedelta(hours=24))


def rows(source: str, *states: tuple[str, str, Outcome, Script], on: str = "c") -> list[State]:
    return [State(title, check, outcome, answers, (source,), on=on) for title, check, outcome, answers in states]


TABLE = [
    *rows(
        "aws_redshift",
        ("multi-AZ", "ZN08", PASS, cluster(MultiAZ="Enabled")),
        ("fails over", "FO01", PASS, cluster(MultiAZ="Enabled")),
        ("single-AZ", "ZN08", FAIL, cluster(MultiAZ="Disabled")),
        (
            "relocation is not multi-AZ",
            "ZN08",
            FAIL,
            cluster(MultiAZ="Disabled", AvailabilityZoneRelocationStatus="enabled"),
        ),
        ("single-AZ has nothing to fail over to", "FO01", NOT_APPLICABLE, cluster(MultiAZ="Disabled", NumberOfNodes=4)),
        ("multi-AZ not told", "FO01", UNKNOWN, cluster()),
        ("snapshots", "BK01", PASS, cluster(AutomatedSnapshotRetentionPeriod=7)),
        ("no snapshots", "BK01", FAIL, cluster(AutomatedSnapshotRetentionPeriod=0)),
        ("snapshots here only", "BK04", FAIL, cluster(AutomatedSnapshotRetentionPeriod=7)),
        ("snapshots elsewhere", "BK04", PASS, cluster(ClusterSnapshotCopyStatus={"DestinationRegion": "us-west-2"})),
        ("paused", "ZN08", UNKNOWN, cluster(MultiAZ="Enabled", ClusterStatus="paused")),
    ),
    *rows(
        "aws_redshift_serverless",
        ("warehouse can move to another zone", "ZN08", PASS, warehouse("abc")),
        ("warehouse in one zone", "ZN08", FAIL, warehouse("a")),
        ("one workgroup of two in one zone", "ZN08", FAIL, warehouse("abc", "b")),
        ("workgroup without subnets", "ZN08", UNKNOWN, warehouse("")),
        ("namespace without compute", "ZN08", PASS, warehouse()),
        ("recovery points", "BK01", PASS, warehouse("abc")),
        ("recovery points are kept a day", "BK03", FAIL, warehouse("abc")),
        ("snapshots are kept two weeks", "BK03", PASS, scheduled(14)),
        ("snapshots without end", "BK03", PASS, scheduled(-1)),
        ("schedule is off", "BK03", FAIL, scheduled(14, "DISABLED")),
        ("snapshots stay here", "BK04", FAIL, warehouse("abc")),
        ("snapshots are copied", "BK04", PASS, copied("us-west-2")),
        ("scales", "CA01", PASS, warehouse("abc")),
        ("no replica elsewhere", "RG02", FAIL, warehouse("abc")),
        ("is being deleted", "ZN08", NOT_APPLICABLE, warehouse("a", status="DELETING")),
    ),
    *rows(
        "aws_search_serverless",
        ("standby replicas", "ZN10", PASS, collection(standbyReplicas="ENABLED")),
        ("no standby replicas", "ZN10", FAIL, collection(standbyReplicas="DISABLED")),
        ("standby not told", "ZN10", UNKNOWN, collection()),
        ("protected", "AU01", PASS, collection(deletionProtection="ENABLED")),
        ("not protected", "AU01", FAIL, collection(deletionProtection="DISABLED")),
        ("setting not told", "AU01", NOT_APPLICABLE, collection()),
        ("creation failed", "ZN10", UNKNOWN, collection(standbyReplicas="ENABLED", status="FAILED")),
        ("hourly snapshots", "BK01", PASS, collection()),
    ),
    *rows(
        "aws_caches_serverless",
        ("always in several zones", "ZN09", PASS, cache()),
        ("a cache is no primary", "BK01", NOT_APPLICABLE, cache(SnapshotRetentionLimit=0)),
        ("scales", "CA01", PASS, cache()),
    ),
    *rows(
        "aws_dsql",
        ("three zones", "ZN08", PASS, dsql()),
        ("peer in another region", "RG02", PASS, dsql("us-east-2")),
        ("a witness is no replica", "RG02", FAIL, dsql()),
        ("protected", "AU01", PASS, dsql()),
        ("not protected", "AU01", FAIL, dsql(protected=False)),
        ("no backup plan", "BK01", FAIL, dsql()),
        ("idle runs", "ZN08", PASS, dsql(status="IDLE")),
        ("waits for its peer", "RG02", NOT_APPLICABLE, dsql(status="PENDING_SETUP")),
        ("waits for its deletion", "AU01", NOT_APPLICABLE, dsql(status="PENDING_DELETE", protected=False)),
        ("failed", "ZN08", UNKNOWN, dsql(status="FAILED")),
    ),
    *rows(
        "aws_docdb_elastic",
        ("two instances per shard", "ZN08", PASS, elastic(shardInstanceCount=2)),
        ("one instance per shard", "ZN08", FAIL, elastic(shardInstanceCount=1)),
        ("subnets in one zone", "ZN08", FAIL, elastic("a", shardInstanceCount=2)),
        ("instances not told", "ZN08", UNKNOWN, elastic()),
        ("replicas take over", "FO01", PASS, elastic(shardInstanceCount=2)),
        ("backups", "BK01", PASS, elastic(backupRetentionPeriod=7)),
        ("backups for a day", "BK03", FAIL, elastic(backupRetentionPeriod=1)),
        ("no backups", "BK01", FAIL, elastic(backupRetentionPeriod=0)),
        ("snapshot by hand", "BK01", PASS, elastic(snapshot=YESTERDAY, backupRetentionPeriod=0)),
        ("snapshot without a time", "BK01", FAIL, elastic(snapshot="soon", backupRetentionPeriod=0)),
        ("old snapshot", "BK01", FAIL, elastic(snapshot=LONG_AGO, backupRetentionPeriod=0)),
        ("retention not told", "BK01", UNKNOWN, elastic()),
        ("key is lost", "BK01", UNKNOWN, elastic(status="INACCESSIBLE_ENCRYPTION_CREDS", backupRetentionPeriod=7)),
    ),
    *rows(
        "aws_fsx",
        *[
            (f"{kind} over two zones", "ZN08", PASS, files(kind, "MULTI_AZ_1"))
            for kind in ("WINDOWS", "ONTAP", "OPENZFS")
        ],
        ("ONTAP second generation", "ZN08", PASS, files("ONTAP", "MULTI_AZ_2")),
        ("WINDOWS in one zone", "ZN08", FAIL, files("WINDOWS", "SINGLE_AZ_2")),
        ("ONTAP in one zone", "ZN08", FAIL, files("ONTAP", "SINGLE_AZ_1")),
        ("OPENZFS with a standby in the same zone", "ZN08", FAIL, files("OPENZFS", "SINGLE_AZ_HA_2")),
        ("LUSTRE is always in one zone", "ZN08", FAIL, files("LUSTRE", "PERSISTENT_2")),
        ("backups", "BK01", PASS, files("WINDOWS", "MULTI_AZ_1")),
        ("backups for a week", "BK03", PASS, files("WINDOWS", "MULTI_AZ_1")),
        ("backups for a day", "BK03", FAIL, files("WINDOWS", "MULTI_AZ_1", 1)),
        ("no backups", "BK01", FAIL, files("ONTAP", "MULTI_AZ_1", 0)),
        ("backup by hand", "BK01", PASS, files("ONTAP", "MULTI_AZ_1", 0, YESTERDAY)),
        ("old backup", "BK01", FAIL, files("ONTAP", "MULTI_AZ_1", 0, LONG_AGO)),
        ("retention not told", "BK01", UNKNOWN, files("ONTAP", "MULTI_AZ_1", None)),
        ("scratch cannot be backed up", "BK01", FAIL, files("LUSTRE", "SCRATCH_2", 0)),
        ("unreachable", "BK01", UNKNOWN, files("WINDOWS", "MULTI_AZ_1", Lifecycle="MISCONFIGURED_UNAVAILABLE")),
        ("misconfigured runs", "ZN08", PASS, files("WINDOWS", "MULTI_AZ_1", Lifecycle="MISCONFIGURED")),
    ),
    *rows(
        "aws_graphs",
        ("replica", "ZN08", PASS, graph(replicaCount=1)),
        ("no replica", "ZN08", FAIL, graph(replicaCount=0)),
        ("replicas not told", "ZN08", UNKNOWN, graph()),
        ("protected", "AU01", PASS, graph(deletionProtection=True)),
        ("not protected", "AU01", FAIL, graph(deletionProtection=False)),
        ("protection not told", "AU01", UNKNOWN, graph()),
        ("snapshot", "BK01", PASS, graph(YESTERDAY)),
        ("no snapshot", "BK01", FAIL, graph()),
        ("stopped", "ZN08", UNKNOWN, graph(replicaCount=1, status="STOPPED")),
    ),
    *rows(
        "aws_influxdb",
        ("standby", "ZN08", PASS, influx("WITH_MULTIAZ_STANDBY")),
        ("single", "ZN08", FAIL, influx("SINGLE_AZ")),
        ("not told", "ZN08", UNKNOWN, influx(None)),
        ("backups", "BK01", PASS, influx("SINGLE_AZ", 14)),
        ("none by default", "BK01", FAIL, influx("SINGLE_AZ")),
        ("backups are off", "BK01", FAIL, influx("SINGLE_AZ", 14, enabled=False)),
        ("two plans", "BK03", PASS, influx("SINGLE_AZ", 1, 30)),
        ("cluster over two zones", "ZN08", PASS, influx_cluster("a", "b")),
        ("a member's zone not told, two others are", "ZN08", PASS, influx_cluster("a", "b", "")),
        ("a member's zone not told", "ZN08", UNKNOWN, influx_cluster("a", "")),
        ("cluster in one zone", "ZN08", FAIL, influx_cluster("a", "a")),
        ("cluster without failover", "ZN08", FAIL, influx_cluster("a", "b", failover="NO_FAILOVER")),
    ),
    *rows(
        "aws_keyspaces",
        ("second region", "RG02", PASS, keyspaces_table("us-east-1", "eu-west-1")),
        ("one region", "RG02", FAIL, keyspaces_table()),
        ("every zone", "ZN08", PASS, keyspaces_table()),
        ("continuous backups", "BK01", PASS, keyspaces_table()),
        ("no backups", "BK01", FAIL, keyspaces_table(pitr="DISABLED")),
        ("backups not told", "BK01", UNKNOWN, keyspaces_table(pitr=None)),
        ("any moment", "BK02", PASS, keyspaces_table()),
        ("on demand", "CA01", PASS, keyspaces_table()),
        on="shop.c",
    ),
    *rows(
        "aws_hsm_clusters",
        ("modules in two zones", "ZN08", PASS, hsm_cluster("a", "b")),
        ("modules in one zone", "ZN08", FAIL, hsm_cluster("a", "a")),
        ("one module", "ZN08", FAIL, hsm_cluster("a")),
        ("modules that are deleted do not count", "ZN08", FAIL, hsm_cluster("a", "b", state="DELETED")),
        ("zones not told", "ZN08", UNKNOWN, hsm_cluster("a", "")),
        ("backups", "BK01", PASS, hsm_cluster("a")),
        ("backups not told", "BK01", UNKNOWN, hsm_cluster("a", days=None)),
    ),
    *rows(
        "aws_gateway_volumes",
        ("snapshot", "BK06", PASS, gateway_volume(YESTERDAY)),
        ("old snapshot", "BK06", FAIL, gateway_volume(LONG_AGO)),
        ("no snapshot", "BK06", FAIL, gateway_volume()),
        ("detached", "BK06", NOT_APPLICABLE, gateway_volume(attached="DETACHED")),
        on="vol-1AB",
    ),
    *rows(
        "aws_directories",
        ("controllers in two zones", "ZN08", PASS, directory(DesiredNumberOfDomainControllers=2)),
        ("one controller", "ZN08", FAIL, directory(DesiredNumberOfDomainControllers=1)),
        ("zones not told", "ZN08", UNKNOWN, directory("")),
        ("second region", "RG02", PASS, directory(regions=["us-west-2"])),
        ("one region", "RG02", FAIL, directory()),
        ("snapshot", "BK01", PASS, directory(snapshot=YESTERDAY)),
        ("no snapshot", "BK01", FAIL, directory()),
        ("inoperable", "ZN08", UNKNOWN, directory(Stage="Inoperable")),
        ("impaired still serves", "ZN08", PASS, directory(Stage="Impaired")),
        ("is requested", "ZN08", NOT_APPLICABLE, directory("", Stage="Requested")),
    ),
]


@pytest.mark.parametrize("state", TABLE, ids=str)
def test_a_store_is_judged_by_its_state(state: State) -> None:
    state.hold(STRICT)


@pytest.mark.parametrize(
    ("source", "answers"),
    [
        ("aws_redshift_serverless", scheduled(7)),
        ("aws_fsx", files("WINDOWS", "MULTI_AZ_1")),
        ("aws_directories", directory(snapshot=YESTERDAY)),
    ],
)
def test_daily_backups_meet_a_daily_objective(source: str, answers: Script) -> None:
    State("daily", "BK02", PASS, answers, (source,), on="c").hold(DAILY)
    State("daily", "BK02", FAIL, answers, (source,), on="c").hold(STRICT)


@pytest.mark.parametrize("kind", ["ADConnector", "SharedMicrosoftAD"])
def test_a_directory_of_somebody_else_is_not_ours_to_judge(kind: str) -> None:
    assert State("other", "ZN08", FAIL, directory(Type=kind), ("aws_directories",)).facts() == []


def test_a_region_of_a_directory_is_a_replica_of_its_primary_region() -> None:
    copy = directory(RegionsInfo={"PrimaryRegion": "eu-west-1", "AdditionalRegions": ["us-east-1"]})
    State("copy", "BK01", NOT_APPLICABLE, copy, ("aws_directories",), on="c").hold(STRICT)


def test_a_role_that_may_not_read_rows_still_knows_the_regions_of_a_table() -> None:
    denied: Script = {("keyspaces", "GetTable"): lambda _: Fault("AccessDeniedException", 403)}
    answers = {**keyspaces_table("us-east-1", "eu-west-1"), **denied}
    State("regions", "RG02", PASS, answers, ("aws_keyspaces",)).hold(STRICT)
    State("backups", "BK01", UNKNOWN, answers, ("aws_keyspaces",)).hold(STRICT)

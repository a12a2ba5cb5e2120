"""Remedies of what stores and runs: backups, regions, zones, capacity, protection, data in motion."""

from datetime import timedelta
from typing import Any

from support.builders.facts import (
    AWAY,
    ZONES,
    alarm,
    attestation,
    backup,
    backup_plan,
    compute,
    datastore,
    days_ago,
    deployment,
    encryption_key,
    function,
    load_balancer,
    network,
    object_store,
    pipeline,
    queue,
    quota,
    secret,
    service,
    stack,
    volume,
)
from support.builders.networks import event_endpoint, user_directory, workflow
from support.builders.streams import delivery, replication, retention
from support.samples.remedy import Remedy, remedy

from checks import Capacity, ComputeGroup, ComputeKind, Datastore, Fact, ObjectStore, Pipeline, StoreKind

DAILY = service(rpo=timedelta(hours=24))
PROTECTED: dict[str, Any] = {"deletion_protection": True}
OPEN: dict[str, Any] = {"deletion_protection": False}


def bare(**fields: Any) -> Datastore:
    sound: dict[str, Any] = {
        "backup_days": 0,
        "point_in_time_recovery": False,
        "replica_regions": (),
        "zone_redundant": False,
    }
    return datastore(**sound | fields)


def cache(**fields: Any) -> Datastore:
    return datastore("cache", kind=StoreKind.CACHE, product="elasticache", **fields)


def bucket(**fields: Any) -> ObjectStore:
    sound: dict[str, Any] = {"replica_regions": (), "versioning": False}
    return object_store(**sound | fields)


def machine(name: str, zone: str) -> ComputeGroup:
    return compute(name, kind=ComputeKind.MACHINE, zones=(zone,), zones_in_use=(zone,), running=1)


def release(**fields: Any) -> Pipeline:
    unready: dict[str, Any] = {"approval": False, "gradual": False, "automatic_rollback": False, "staging_first": False}
    return pipeline(**unready | fields)


def usage(home: float, away: float, limit: float) -> tuple[Fact, ...]:
    twice = (compute("a"), compute("b", region=AWAY))
    return (*twice, quota(used=home, limit=400.0), quota(used=away, limit=limit, region=AWAY))


BARE, DISK, KEY = bare(), volume(last_snapshot_at=None), encryption_key(enabled=False, in_use=True)
PURGED, KEPT = encryption_key(recovery_days=0), encryption_key(recovery_days=30)
SHARDS: dict[str, Any] = {"kind": StoreKind.SEARCH, "zones": ZONES, "zone_redundant": True}
ELSEWHERE = (compute("a", desired=9, max_size=9), compute("b", region=AWAY, desired=1, max_size=3))
RESOURCES: tuple[Remedy, ...] = (
    remedy("AU01", "rds modify-db-instance --deletion-protection", datastore(**OPEN), datastore(**PROTECTED)),
    remedy("AU01", "dynamodb update-table --deletion-protection-enabled", datastore(**OPEN), datastore(**PROTECTED)),
    remedy("AU01", "gcloud sql instances patch", datastore(**OPEN), datastore(**PROTECTED)),
    remedy("AU02", "Key=deletion_protection.enabled,Value=true", load_balancer(**OPEN), load_balancer(**PROTECTED)),
    remedy("AU03", "--enable-termination-protection", stack(termination_protection=False), stack()),
    remedy("AU04", "aws codepipeline update-pipeline", release(), release(staging_first=True)),
    remedy("AU05", "update-pipeline | Approval", release(), release(approval=True)),
    remedy(
        "AU05", "a gradual deployment that alarms can stop", release(), release(gradual=True, automatic_rollback=True)
    ),
    remedy("AU06", "DEPLOYMENT_STOP_ON_ALARM", release(), release(automatic_rollback=True)),
    remedy("AU06", "onFailure: {result: ROLLBACK}", release(), release(automatic_rollback=True)),
    remedy("AU07", "LambdaCanary10Percent5Minutes", release(), release(gradual=True)),
    remedy("AU07", "ECSLinear10PercentEvery1Minutes", release(), release(gradual=True)),
    remedy("AU08", "deploymentCircuitBreaker", compute(automatic_rollback=False), compute()),
    remedy("AU09", "practice: kill_switch", release(), (release(), attestation("kill_switch"))),
    remedy("AU10", "enable-key", KEY, encryption_key()),
    remedy(
        "AU10", "cancel-key-deletion | enable-key", encryption_key(pending_deletion=True, in_use=True), encryption_key()
    ),
    remedy("AU12", "aws kms schedule-key-deletion --pending-window-in-days 30", PURGED, KEPT),
    remedy("AU12", "--destroy-scheduled-duration=30d", PURGED, KEPT),
    remedy("AU12", "--enable-purge-protection true", PURGED, KEPT),
    remedy("AU11", "--deletion-protection ACTIVE", user_directory(**OPEN), user_directory()),
    remedy("BK01", "aws dynamodb update-continuous-backups", BARE, bare(point_in_time_recovery=True)),
    remedy("BK01", "--backup-retention-period 14", BARE, bare(backup_days=14)),
    remedy("BK01", "create-backup-selection", BARE, (BARE, backup(about=(BARE.resource,), latest_at=days_ago(1)))),
    remedy("BK02", "update-continuous-backups", bare(backup_days=7), bare(backup_days=7, point_in_time_recovery=True)),
    remedy("BK02", "a retention above 0 on RDS", bare(last_snapshot_at=days_ago(9)), bare(backup_days=1), of=DAILY),
    remedy(
        "BK02",
        "EnableContinuousBackup: true",
        bare(backup_days=7),
        (bare(backup_days=7), backup(about=(BARE.resource,), latest_at=days_ago(0))),
    ),
    remedy("BK03", "rds modify-db-instance --backup-retention-period 14", bare(backup_days=1), bare(backup_days=14)),
    remedy("BK03", "--snapshot-retention-limit 14", bare(backup_days=1), bare(backup_days=14)),
    remedy(
        "BK04",
        "update-backup-plan | CopyActions",
        BARE,
        (BARE, backup(about=(BARE.resource,), copy_regions=(AWAY,))),
    ),
    remedy("BK04", "update-backup-plan", BARE, (BARE, backup_plan(about=(BARE.resource,), copy_regions=(AWAY,)))),
    remedy("BK04", "start-db-instance-automated-backups-replication", BARE, bare(backup_regions=(AWAY,))),
    remedy(
        "BK05",
        "update-backup-plan",
        (BARE, backup(about=(BARE.resource,), copy_accounts=())),
        (BARE, backup(about=(BARE.resource,))),
    ),
    remedy(
        "BK05",
        "put-backup-vault-lock-configuration",
        (BARE, backup(about=(BARE.resource,), copy_accounts=())),
        (BARE, backup(about=(BARE.resource,), copy_accounts=(), locked=True)),
    ),
    remedy("BK06", "aws dlm create-lifecycle-policy", DISK, volume()),
    remedy("BK06", "update-snapshot-schedule", DISK, volume()),
    remedy("BK06", "add the volume to an AWS Backup plan", DISK, (DISK, backup(about=(DISK.resource,)))),
    remedy("BK07", "put-bucket-versioning", bucket(), bucket(versioning=True)),
    *(
        remedy("BK07", words, bucket(soft_delete_days=0), bucket(soft_delete_days=14))
        for words in ("--soft-delete-duration=7d", "--enable-delete-retention true")
    ),
    remedy(
        "BK08", "--snapshot-retention-limit 7", cache(evicts=False, backup_days=0), cache(evicts=False, backup_days=7)
    ),
    remedy(
        "BK08", "maxmemory-policy", cache(evicts=False, backup_days=0), cache(evicts=True, backup_days=0), gone=True
    ),
    remedy(
        "CA01",
        "--billing-mode PAY_PER_REQUEST",
        datastore(kind=StoreKind.KEY_VALUE, capacity=Capacity.FIXED),
        datastore(kind=StoreKind.KEY_VALUE, capacity=Capacity.ON_DEMAND),
    ),
    remedy(
        "CA01",
        "register-scalable-target",
        datastore(kind=StoreKind.KEY_VALUE, capacity=Capacity.FIXED),
        datastore(kind=StoreKind.KEY_VALUE, capacity=Capacity.AUTOSCALED),
    ),
    remedy(
        "CA01",
        "StreamMode=ON_DEMAND",
        datastore(kind=StoreKind.STREAM, capacity=Capacity.FIXED),
        datastore(kind=StoreKind.STREAM, capacity=Capacity.ON_DEMAND),
    ),
    remedy("CA02", "--max-allocated-storage 1000", datastore(storage_autoscaling=False), datastore()),
    remedy("CA02", "--storage-auto-increase", datastore(storage_autoscaling=False), datastore()),
    remedy(
        "CA03", "update-auto-scaling-group --max-size", compute(desired=6, max_size=6), compute(desired=6, max_size=9)
    ),
    remedy("CA03", "--max-capacity", compute(desired=6, max_size=6), compute(desired=6, max_size=9)),
    remedy("CA04", "request-service-quota-increase", quota(used=390.0), quota(used=390.0, limit=800.0)),
    remedy("CA05", "request-service-quota-increase --region us-west-2", usage(300, 10, 100), usage(300, 10, 400)),
    remedy("CA05", "a quota request template", usage(300, 10, 100), usage(300, 10, 400)),
    remedy("CA06", "aws ec2 create-subnet", compute(free_addresses=1), compute(free_addresses=4091)),
    remedy("CA06", "associate-vpc-cidr-block", compute(free_addresses=1), compute(free_addresses=4091)),
    remedy("CA07", "--max-size", ELSEWHERE, (ELSEWHERE[0], compute("b", region=AWAY, desired=1, max_size=9))),
    remedy("CA08", "--mixed-instances-policy | Overrides", compute(machine_types=("m7g.large",)), compute()),
    remedy(
        "CA08",
        "InstanceRequirements",
        compute(machine_types=("m7g.large",)),
        compute(machine_types=("m7g.large",), machine_types_by_attributes=True),
    ),
    remedy(
        "CA09",
        "RedrivePolicy | deadLetterTargetArn | maxReceiveCount",
        queue(dead_letter=False),
        queue(dead_letter=True),
    ),
    remedy("CA10", "put-function-event-invoke-config", function(dead_letter=False), function()),
    remedy("CA10", "--dead-letter-config", function(dead_letter=False), function()),
    remedy(
        "CA11", "MessageRetentionPeriod=345600", queue(retention=timedelta(hours=4)), queue(retention=timedelta(days=4))
    ),
    remedy("CA12", "--capacity-rebalance", compute(replaces_interrupted=False), compute(replaces_interrupted=True)),
    remedy("PO01", "lambda update-function-configuration --runtime", function(runtime_supported=False), function()),
    remedy("PO01", "update-cluster-version", compute(runtime_supported=False), compute(runtime_supported=True)),
    remedy(
        "PO01", "update-environment --platform-arn", compute(runtime_supported=False), compute(runtime_supported=True)
    ),
    remedy(
        "PO02",
        "export-table-to-point-in-time | exit_plan",
        datastore(engine="dynamodb"),
        (datastore(engine="dynamodb"), attestation("exit_plan")),
    ),
    remedy("PO03", "create-generated-template", compute(), compute(stack="web")),
    remedy("PO03", "infrastructure_as_code", compute(), (compute(), attestation("infrastructure_as_code"))),
    remedy("PO04", "--auto-minor-version-upgrade", datastore(minor_upgrades=False), datastore()),
    remedy(
        "PR05",
        "Retry | IntervalSeconds | MaxAttempts | BackoffRate | JitterStrategy",
        workflow(unguarded=("a",)),
        workflow(),
    ),
    remedy(
        "PR05", "Catch | aws stepfunctions update-state-machine --definition", workflow(unguarded=("a",)), workflow()
    ),
    remedy(
        "OB10",
        "aws stepfunctions update-state-machine",
        workflow(keeps_history=False, logs=False),
        workflow(keeps_history=False),
    ),
    remedy("RG01", "aws cloudformation deploy", compute(), (compute(), compute("b", region=AWAY))),
    remedy("RG01", "the same Terraform module", compute(), (compute(), compute("b", region=AWAY))),
    remedy("RG01", "deployments:", deployment(), (deployment(), deployment("b", region=AWAY))),
    *(
        remedy("RG02", words, bare(), bare(replica_regions=(AWAY,)))
        for words in (
            "aws dynamodb update-table --replica-updates",
            "create-global-cluster",
            "create-db-instance-read-replica",
            "efs create-replication-configuration",
            "gcloud sql instances create NAME --master-instance-name",
            "az cosmosdb update --locations",
        )
    ),
    remedy("RG03", "put-bucket-replication", bucket(), bucket(versioning=True, replica_regions=(AWAY,))),
    remedy("RG03", "create-multi-region-access-point", bucket(), bucket(multi_region_access=True)),
    remedy(
        "RG04",
        "replicate-secret-to-regions",
        (compute(), compute("b", region=AWAY), secret(replica_regions=())),
        (compute(), compute("b", region=AWAY), secret(replica_regions=(AWAY,))),
    ),
    remedy(
        "RG05",
        "region | artifactStores",
        (compute(), compute("b", region=AWAY), pipeline(regions=("us-east-1",))),
        (compute(), compute("b", region=AWAY), pipeline()),
    ),
    remedy("RG06", "create-user-pool-replica", user_directory(replica_regions=()), user_directory()),
    remedy("RG07", "State=ENABLED", event_endpoint(replicates=False), event_endpoint()),
    remedy("RG07", "a health check in its routing configuration", event_endpoint(health_check=""), event_endpoint()),
    remedy(
        "ST01", "--retention-period-hours 168", retention(period=timedelta(days=1)), retention(period=timedelta(days=7))
    ),
    remedy("ST02", "modify-replication-instance", replication(zone_redundant=False), replication()),
    remedy("ST02", "MultiAZ=true", replication(zone_redundant=False), replication()),
    remedy("ST03", "update-destination | S3BackupMode", delivery(keeps_failed=False), delivery()),
    remedy("ST03", "CloudWatchLoggingOptions", delivery(logs_errors=False), (delivery(), alarm())),
    remedy(
        "ST04",
        "RetryOptions | update-destination",
        delivery(retries_for=timedelta(0)),
        delivery(retries_for=timedelta(hours=1)),
    ),
    remedy("ZN01", "--vpc-zone-identifier", compute(zones=ZONES[:1], zone_redundant=False), compute()),
    remedy("ZN01", "subnets in three AZs in the network", compute(zones=ZONES[:1], zone_redundant=False), compute()),
    remedy("ZN01", "EKS: a node group in each AZ", compute(zones=ZONES[:1], zone_redundant=False), compute()),
    remedy("ZN02", "aws autoscaling create-auto-scaling-group", machine("a", ZONES[0]), compute(), gone=True),
    remedy("ZN02", "a standby in another AZ", machine("a", ZONES[0]), (machine("a", ZONES[0]), machine("b", ZONES[1]))),
    remedy("ZN03", "--min-size 3", compute(running=1, desired=1), compute()),
    remedy("ZN03", "--desired-count 3", compute(running=1, desired=1), compute()),
    remedy("ZN04", "elbv2 set-subnets", load_balancer(zones=ZONES[:1]), load_balancer()),
    remedy("ZN05", "AZRebalance", load_balancer(healthy_by_zone={ZONES[0]: 3}), load_balancer()),
    remedy("ZN05", "a multiple of the number of AZs", load_balancer(healthy_by_zone={ZONES[0]: 3}), load_balancer()),
    remedy(
        "ZN06", "Key=load_balancing.cross_zone.enabled,Value=true", load_balancer(cross_zone=False), load_balancer()
    ),
    remedy(
        "ZN07",
        "create-nat-gateway | replace-route",
        network(nat_zones=ZONES[:1], private_subnet_zones=ZONES, borrowed_egress=(("s", ZONES[1], ZONES[0]),)),
        network(nat_zones=ZONES, private_subnet_zones=ZONES, borrowed_egress=()),
    ),
    remedy(
        "ZN07",
        "a regional NAT gateway",
        network(nat_zones=ZONES[:1], private_subnet_zones=ZONES, borrowed_egress=(("s", ZONES[1], ZONES[0]),)),
        network(nat_zones=ZONES, private_subnet_zones=ZONES, borrowed_egress=()),
    ),
    *(
        remedy("ZN08", words, bare(), bare(zone_redundant=True))
        for words in (
            "modify-db-instance --multi-az",
            "create-db-instance --availability-zone",
            "use a Regional file system",
            "--availability-type=REGIONAL",
        )
    ),
    *(
        remedy("ZN11", words, object_store(zone_redundant=False), object_store())
        for words in ("az storage account migration start", "Standard_GZRS", "instead of a zonal bucket")
    ),
    remedy("ZN09", "--multi-az-enabled", cache(zone_redundant=False), cache(zone_redundant=True)),
    remedy("ZN10", "update-domain-config", datastore(**SHARDS, votes=(2, 1)), datastore(**SHARDS, votes=(1, 1, 1))),
    remedy(
        "ZN10", "three dedicated master nodes", datastore(**SHARDS, votes=(2, 1)), datastore(**SHARDS, votes=(1, 1, 1))
    ),
)

"""A list with one resource that is gone, denied or odd: all others of it are judged, and the odd one is named."""

from typing import Any

from support.builders.aws_sources import arn, read_with_gaps
from support.fakes.aws import Fault, fake_aws

from bot.audit.collectors.aws.sources import dynamodb, efs, rds, secrets_manager
from checks import Datastore, Secret, Unread


def test_one_of_50_tables_is_deleted_between_the_listing_and_its_description() -> None:
    def described(asked: dict[str, Any]) -> Any:
        if asked["TableName"] == "t7":
            return Fault("ResourceNotFoundException")
        own = {"TableName": asked["TableName"], "TableArn": arn("dynamodb", f"table/{asked['TableName']}")}
        return {"Table": {**own, "TableStatus": "ACTIVE"}}

    with fake_aws() as aws:
        aws.on("dynamodb", "ListTables", {"TableNames": [f"t{at}" for at in range(50)]})
        aws.on("dynamodb", "DescribeTable", described)
        recovery = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}
        told = {"ContinuousBackupsStatus": "ENABLED", **recovery}
        aws.on("dynamodb", "DescribeContinuousBackups", {"ContinuousBackupsDescription": told})
        facts, unread = read_with_gaps(aws, dynamodb.SOURCE)
    assert (len(facts), unread) == (49, [])


def test_one_of_two_secrets_is_denied() -> None:
    rows = [{"Name": name, "ARN": arn("secretsmanager", f"secret:{name}")} for name in ("a", "b")]

    def described(asked: dict[str, Any]) -> Any:
        return Fault("AccessDeniedException") if asked["SecretId"].endswith("b") else {"Name": "a"}

    with fake_aws() as aws:
        aws.on("secretsmanager", "ListSecrets", {"SecretList": rows})
        aws.on("secretsmanager", "DescribeSecret", described)
        facts, unread = read_with_gaps(aws, secrets_manager.SOURCE)
    assert "a" in [fact.name for fact in facts if isinstance(fact, Secret)]
    assert [(gap.resource, gap.error.action) for gap in unread] == [
        (arn("secretsmanager", "secret:b"), "secretsmanager:DescribeSecret")
    ]


def test_one_of_20_databases_has_no_engine() -> None:
    def row(at: int) -> dict[str, Any]:
        own = {
            "DBInstanceIdentifier": f"d{at}",
            "DBInstanceArn": arn("rds", f"db:d{at}"),
            "DBInstanceStatus": "available",
        }
        return own if at == 3 else {**own, "Engine": "postgres"}

    with fake_aws() as aws:
        aws.on("rds", "DescribeDBInstances", {"DBInstances": [row(at) for at in range(20)]})
        facts, unread = read_with_gaps(aws, rds.SOURCE)
    engines = [fact.engine for fact in facts if isinstance(fact, Datastore)]
    assert (len(engines), engines.count("postgres"), unread) == (20, 19, [])


def test_a_mount_target_without_the_id_of_its_zone_counts_by_its_name() -> None:
    system = {"FileSystemId": "fs-1", "FileSystemArn": arn("elasticfilesystem", "file-system/fs-1"), "Name": "docs"}
    rest = {"LifeCycleState": "available", "NumberOfMountTargets": 2, "Tags": []}
    with fake_aws() as aws:
        aws.on("efs", "DescribeFileSystems", {"FileSystems": [{**system, **rest}]})
        targets = [{"MountTargetId": zone, "FileSystemId": "fs-1", "AvailabilityZoneName": zone} for zone in ("a", "b")]
        aws.on("efs", "DescribeMountTargets", {"MountTargets": targets})
        facts, _ = read_with_gaps(aws, efs.SOURCE)
    (found,) = [fact for fact in facts if isinstance(fact, Datastore)]
    assert not isinstance(found.zone_redundant, Unread)
    assert (found.zones, found.zone_redundant) == (("a", "b"), True)

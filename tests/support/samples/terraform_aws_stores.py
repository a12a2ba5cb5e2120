"""States of AWS datastores, buckets and volumes, with the facts that they become. Shapes: hashicorp/aws provider 5."""

from typing import Any

from checks import Capacity, Datastore, Fact, ObjectStore, Volume

Case = tuple[str, type[Fact], tuple[tuple[str, Any], ...], dict[str, Any]]
"""What it is, the kind of fact, the resources of a state, and fields of the fact."""

HERE = "us-east-1:123456789012"
SUBNETS = tuple(
    (f"aws_subnet.{zone}", {"id": f"subnet-{zone}", "vpc_id": "vpc-1", "availability_zone": f"us-east-1{zone}"})
    for zone in "ab"
)
TABLE = {
    "arn": f"arn:aws:dynamodb:{HERE}:table/orders",
    "name": "orders",
    "id": "orders",
    "billing_mode": "PROVISIONED",
}
BUCKET = {"arn": "arn:aws:s3:::docs", "bucket": "docs", "id": "docs", "region": "us-east-1"}
COPY = {"arn": "arn:aws:s3:::docs-west", "bucket": "docs-west", "id": "docs-west", "region": "us-west-2"}
RULES = {"bucket": "docs", "rule": [{"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::docs-west"}]}]}
CLUSTER = {
    "arn": f"arn:aws:rds:{HERE}:cluster:ledger",
    "id": "ledger",
    "cluster_identifier": "ledger",
    "engine": "aurora-postgresql",
    "backup_retention_period": 7,
    "deletion_protection": True,
    "master_username": "admin",
}
MEMBERS = tuple(
    (
        f"aws_rds_cluster_instance.{zone}",
        {"cluster_identifier": "ledger", "availability_zone": f"us-east-1{zone}", "identifier": f"ledger-{zone}"},
    )
    for zone in "ab"
)

CASES: tuple[Case, ...] = (
    (
        "a cluster with its instances",
        Datastore,
        (("aws_rds_cluster.ledger", CLUSTER), *MEMBERS),
        {
            "nodes": 2,
            "zones": ("us-east-1a", "us-east-1b"),
            "zone_redundant": True,
            "automatic_failover": True,
            "backup_days": 7,
        },
    ),
    (
        "a cluster of one instance",
        Datastore,
        (("aws_rds_cluster.ledger", CLUSTER), MEMBERS[0]),
        {"nodes": 1, "zone_redundant": False, "automatic_failover": False, "minor_upgrades": True},
    ),
    (
        "a table with a replica of its own, PITR and autoscaling",
        Datastore,
        (
            ("aws_dynamodb_table.orders", {**TABLE, "point_in_time_recovery": [{"enabled": True}]}),
            (
                "aws_dynamodb_table_replica.west",
                {"global_table_arn": TABLE["arn"], "arn": "arn:aws:dynamodb:us-west-2:1:table/orders"},
            ),
            *(
                (
                    f"aws_appautoscaling_target.{kind}",
                    {"resource_id": "table/orders", "scalable_dimension": f"dynamodb:table:{kind}CapacityUnits"},
                )
                for kind in ("Read", "Write")
            ),
        ),
        {
            "replica_regions": ("us-west-2",),
            "backup_days": 35,
            "point_in_time_recovery": True,
            "capacity": Capacity.AUTOSCALED,
        },
    ),
    (
        "a table with replica blocks",
        Datastore,
        (
            (
                "aws_dynamodb_table.orders",
                {**TABLE, "billing_mode": "PAY_PER_REQUEST", "replica": [{"region_name": "eu-west-1"}]},
            ),
        ),
        {
            "replica_regions": ("eu-west-1",),
            "backup_days": 0,
            "capacity": Capacity.ON_DEMAND,
            "deletion_protection": False,
        },
    ),
    (
        "a replication group of three nodes",
        Datastore,
        (
            (
                "aws_elasticache_replication_group.cache",
                {
                    "replication_group_id": "c",
                    "num_cache_clusters": 3,
                    "multi_az_enabled": True,
                    "automatic_failover_enabled": True,
                },
            ),
        ),
        {"zone_redundant": True, "automatic_failover": True, "nodes": 3, "backup_days": 0},
    ),
    (
        "a replication group of shards without replicas",
        Datastore,
        (
            (
                "aws_elasticache_replication_group.cache",
                {
                    "num_node_groups": 3,
                    "replicas_per_node_group": 0,
                    "num_cache_clusters": 1,
                    "multi_az_enabled": True,
                    "automatic_failover_enabled": True,
                },
            ),
        ),
        {"zone_redundant": False, "automatic_failover": False, "nodes": 3},
    ),
    (
        "a bucket with versioning and replication of their own",
        ObjectStore,
        (
            ("aws_s3_bucket.docs", BUCKET),
            ("aws_s3_bucket_versioning.docs", {"bucket": "docs", "versioning_configuration": [{"status": "Enabled"}]}),
            ("aws_s3_bucket_replication_configuration.docs", RULES),
            ("aws_s3_bucket.west", COPY),
        ),
        {"name": "docs", "versioning": True, "replica_regions": ("us-west-2",), "multi_region_access": False},
    ),
    (
        "a bucket that others are replicated to",
        ObjectStore,
        (
            ("aws_s3_bucket.docs", {**BUCKET, "bucket": "zz"}),
            ("aws_s3_bucket_replication_configuration.docs", RULES),
            ("aws_s3_bucket.west", COPY),
        ),
        {"name": "docs-west", "replica_of": "arn:aws:s3:::docs"},
    ),
    (
        "a file system with mount targets in two zones",
        Datastore,
        (
            *SUBNETS,
            ("aws_efs_file_system.files", {"id": "fs-1", "arn": f"arn:aws:elasticfilesystem:{HERE}:file-system/fs-1"}),
            *(
                (f"aws_efs_mount_target.{zone}", {"file_system_id": "fs-1", "subnet_id": f"subnet-{zone}"})
                for zone in "ab"
            ),
            ("aws_efs_backup_policy.files", {"file_system_id": "fs-1", "backup_policy": [{"status": "ENABLED"}]}),
        ),
        {"zone_redundant": True, "zones": ("us-east-1a", "us-east-1b"), "backup_days": 35},
    ),
    (
        "a volume with its attachment",
        Volume,
        (
            ("aws_ebs_volume.data", {"id": "vol-1", "availability_zone": "us-east-1a", "size": 10}),
            ("aws_instance.db", {"id": "i-1", "arn": f"arn:aws:ec2:{HERE}:instance/i-1"}),
            ("aws_volume_attachment.data", {"volume_id": "vol-1", "instance_id": "i-1"}),
        ),
        {"zone": "us-east-1a", "attached_to": f"arn:aws:ec2:{HERE}:instance/i-1", "size_gib": 10},
    ),
    (
        "a search domain over three zones",
        Datastore,
        (
            (
                "aws_opensearch_domain.logs",
                {
                    "domain_name": "logs",
                    "cluster_config": [
                        {
                            "instance_count": 3,
                            "zone_awareness_enabled": True,
                            "zone_awareness_config": [{"availability_zone_count": 3}],
                        }
                    ],
                },
            ),
        ),
        {"zone_redundant": True, "votes": (1, 1, 1), "nodes": 3},
    ),
    (
        "a broker with a standby",
        Datastore,
        (
            (
                "aws_mq_broker.bus",
                {"broker_name": "bus", "deployment_mode": "ACTIVE_STANDBY_MULTI_AZ", "engine_type": "ActiveMQ"},
            ),
        ),
        {"zone_redundant": True, "automatic_failover": True, "engine": "activemq"},
    ),
    (
        "a warehouse that copies snapshots",
        Datastore,
        (
            ("aws_redshift_cluster.dw", {"cluster_identifier": "dw", "automated_snapshot_retention_period": 7}),
            ("aws_redshift_snapshot_copy.dw", {"cluster_identifier": "dw", "destination_region": "eu-west-1"}),
        ),
        {"backup_days": 7, "backup_regions": ("eu-west-1",), "zone_redundant": False},
    ),
    (
        "a database that replicates its backups",
        Datastore,
        (
            (
                "aws_db_instance.a",
                {"arn": f"arn:aws:rds:{HERE}:db:a", "identifier": "a", "engine": "mysql", "multi_az": True},
            ),
            (
                "aws_db_instance_automated_backups_replication.a",
                {
                    "source_db_instance_arn": f"arn:aws:rds:{HERE}:db:a",
                    "id": "arn:aws:rds:us-west-2:1:auto-backup:x",
                    "region": "us-west-2",
                },
            ),
        ),
        {"backup_regions": ("us-west-2",), "zone_redundant": True},
    ),
)

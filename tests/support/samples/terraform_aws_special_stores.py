"""States of AWS stores for one purpose, and of a volume, with the facts that they become.

Shapes: documentation of the hashicorp/aws provider, version 6.
"""

from support.samples.terraform_aws_services import Case
from support.samples.terraform_aws_traffic import HERE, SUBNETS

from checks import Capacity, Datastore, Unread, Volume

ZONES = ("us-east-1a", "us-east-1b")
ONLY_LATER = Unread("a plan does not say what runs now")

CASES: tuple[Case, ...] = (
    (
        "a table of a keyspace in two regions",
        Datastore,
        (
            (
                "aws_keyspaces_keyspace.shop",
                {
                    "id": "shop",
                    "name": "shop",
                    "region": "us-east-1",
                    "replication_specification": [
                        {"replication_strategy": "MULTI_REGION", "region_list": ["us-east-1", "eu-west-1"]}
                    ],
                },
            ),
            (
                "aws_keyspaces_table.orders",
                {
                    "keyspace_name": "shop",
                    "table_name": "orders",
                    "point_in_time_recovery": [{"status": "ENABLED"}],
                },
            ),
        ),
        {
            "name": "shop.orders",
            "replica_regions": ("eu-west-1",),
            "point_in_time_recovery": True,
            "backup_days": 35,
            "capacity": Capacity.ON_DEMAND,
        },
    ),
    (
        "a cache cluster of three nodes in two zones",
        Datastore,
        (
            (
                "aws_dax_cluster.hot",
                {"cluster_name": "hot", "replication_factor": 3, "availability_zones": list(ZONES)},
            ),
        ),
        {"name": "hot", "zone_redundant": True, "nodes": 3, "automatic_failover": True},
    ),
    (
        "a database with a peer in another region",
        Datastore,
        (
            ("aws_dsql_cluster.ledger", {"identifier": "c1", "deletion_protection_enabled": True}),
            (
                "aws_dsql_cluster_peering.ledger",
                {"identifier": "c1", "clusters": ["arn:aws:dsql:us-west-2:123456789012:cluster/c2"]},
            ),
        ),
        {"replica_regions": ("us-west-2",), "deletion_protection": True, "zone_redundant": True},
    ),
    (
        "an elastic cluster of which the plan tells no instances",
        Datastore,
        (*SUBNETS, ("aws_docdbelastic_cluster.docs", {"name": "docs", "subnet_ids": ["subnet-a", "subnet-b"]})),
        {
            "zones": ZONES,
            "zone_redundant": Unread("the plan does not tell how many instances a shard has"),
            "backup_days": Unread("the plan sets no backup_retention_period"),
        },
    ),
    (
        "a search collection without standby replicas",
        Datastore,
        (("aws_opensearchserverless_collection.find", {"name": "find", "standby_replicas": "DISABLED"}),),
        {"zone_redundant": False, "backup_days": 14},
    ),
    (
        "a graph without a replica",
        Datastore,
        (("aws_neptunegraph_graph.links", {"graph_name": "links", "replica_count": 0}),),
        {"name": "links", "zone_redundant": False, "nodes": 1, "deletion_protection": True},
    ),
    (
        "a time series instance with a standby",
        Datastore,
        (
            (
                "aws_timestreaminfluxdb_db_instance.metrics",
                {
                    "name": "metrics",
                    "deployment_type": "WITH_MULTIAZ_STANDBY",
                    "availability_zone": "us-east-1a",
                    "secondary_availability_zone": "us-east-1b",
                },
            ),
        ),
        {"zone_redundant": True, "zones": ZONES, "nodes": 2},
    ),
    (
        "a directory with a second region",
        Datastore,
        (
            *SUBNETS,
            (
                "aws_directory_service_directory.corp",
                {
                    "id": "d-1",
                    "name": "corp.example.com",
                    "type": "MicrosoftAD",
                    "region": "us-east-1",
                    "vpc_settings": [{"subnet_ids": ["subnet-a", "subnet-b"]}],
                },
            ),
            ("aws_directory_service_region.eu", {"directory_id": "d-1", "region_name": "eu-west-1"}),
        ),
        {"zone_redundant": True, "replica_regions": ("eu-west-1",), "last_snapshot_at": ONLY_LATER},
    ),
    (
        "a serverless warehouse",
        Datastore,
        (
            *SUBNETS,
            ("aws_redshiftserverless_namespace.bi", {"id": "bi", "namespace_name": "bi"}),
            (
                "aws_redshiftserverless_workgroup.bi",
                {"namespace_name": "bi", "workgroup_name": "bi", "subnet_ids": ["subnet-a"]},
            ),
        ),
        {"name": "bi", "product": "redshiftserverless", "zones": ("us-east-1a",), "zone_redundant": False},
    ),
    (
        "a cluster of two hardware modules",
        Datastore,
        (
            *SUBNETS,
            ("aws_cloudhsm_v2_cluster.keys", {"cluster_id": "cluster-1", "id": "cluster-1"}),
            ("aws_cloudhsm_v2_hsm.a", {"cluster_id": "cluster-1", "subnet_id": "subnet-a"}),
            ("aws_cloudhsm_v2_hsm.b", {"cluster_id": "cluster-1", "availability_zone": "us-east-1b"}),
        ),
        {"zones": ZONES, "zone_redundant": True, "nodes": 2, "automatic_failover": True},
    ),
    (
        "a volume of a gateway",
        Volume,
        (
            (
                "aws_storagegateway_cached_iscsi_volume.files",
                {
                    "arn": f"arn:aws:storagegateway:{HERE}:gateway/sgw-1/volume/vol-1",
                    "gateway_arn": f"arn:aws:storagegateway:{HERE}:gateway/sgw-1",
                    "target_name": "files",
                    "volume_size_in_bytes": 5368709120,
                },
            ),
        ),
        {"name": "files", "size_gib": 5, "attached_to": f"arn:aws:storagegateway:{HERE}:gateway/sgw-1", "zone": ""},
    ),
    (
        "a scratch file system, which cannot be backed up",
        Datastore,
        (("aws_fsx_lustre_file_system.fast", {"deployment_type": "SCRATCH_2"}),),
        {"backup_days": None, "zone_redundant": False},
    ),
    (
        "a volume of an instance that the plan does not describe",
        Volume,
        (
            ("aws_ebs_volume.data", {"id": "vol-1", "availability_zone": "us-east-1a", "size": 8}),
            ("aws_volume_attachment.data", {"volume_id": "vol-1", "instance_id": "i-9"}),
        ),
        {"disposable": Unread("instance i-9 is not in the plan, so whether it is replaced is not known")},
    ),
)

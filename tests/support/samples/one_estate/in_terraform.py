"""The estate as the three large providers of Terraform describe it, in a state that `terraform show -json` writes.

Shapes: documentation of hashicorp/aws 5, hashicorp/google 6 and hashicorp/azurerm 4.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from support.builders.aws_sources import arn

Resources = Sequence[tuple[str, Mapping[str, Any]]]
SUBSCRIPTION = "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/shop/providers"


def _rds(**more: Any) -> Resources:
    known = {"identifier": "orders", "arn": arn("rds", "db:orders"), "id": "orders", "engine": "postgres"}
    return [("aws_db_instance.orders", known | {"allocated_storage": 100, "availability_zone": "us-east-1a"} | more)]


_REPLICA = {
    "identifier": "orders-west",
    "arn": arn("rds", "db:orders-west", "us-west-2"),
    "id": "orders-west",
    "replicate_source_db": arn("rds", "db:orders"),
}
_COPIES = {
    "id": arn("rds", "auto-backup:ab-1", "us-west-2"),
    "source_db_instance_arn": arn("rds", "db:orders"),
    "region": "us-west-2",
}
_BUCKET = {"bucket": "receipts", "id": "receipts", "arn": "arn:aws:s3:::receipts", "region": "us-east-1"}
_COPY = {"bucket": "receipts-west", "id": "receipts-west", "arn": "arn:aws:s3:::receipts-west", "region": "us-west-2"}
_RULES = {"bucket": "receipts", "rule": [{"status": "Enabled", "destination": [{"bucket": _COPY["arn"]}]}]}


def _elasticache(nodes: int, *, on: bool) -> Resources:
    group = {
        "replication_group_id": "sessions",
        "arn": arn("elasticache", "replicationgroup:sessions"),
        "engine": "redis",
        "num_cache_clusters": nodes,
        "automatic_failover_enabled": on,
        "multi_az_enabled": on,
        "snapshot_retention_limit": 0,
        "parameter_group_name": "default.redis7",
        "preferred_cache_cluster_azs": [f"us-east-1{letter}" for letter in "abc"[:nodes]],
    }
    return [("aws_elasticache_replication_group.sessions", group)]


def _asg(size: int) -> Resources:
    group = {
        "name": "web",
        "arn": arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/web"),
        "availability_zones": [f"us-east-1{letter}" for letter in "abc"[:size]],
        "vpc_zone_identifier": [f"sn-{letter}" for letter in "abc"[:size]],
        "min_size": size,
        "max_size": 2 * size,
        "desired_capacity": size,
        "health_check_type": "ELB",
        "target_group_arns": [arn("elasticloadbalancing", "targetgroup/web/1")],
        "launch_template": [{"id": "lt-1", "version": "1"}],
    }
    template = {"id": "lt-1", "name": "web", "instance_type": "m7g.large"}
    subnets = [
        (f"aws_subnet.{letter}", {"id": f"sn-{letter}", "availability_zone": f"us-east-1{letter}"})
        for letter in "abc"[:size]
    ]
    return [*subnets, ("aws_autoscaling_group.web", group), ("aws_launch_template.web", template)]


def _ecs(size: int) -> Resources:
    letters = "abc"[:size]
    subnets = [
        (f"aws_subnet.{letter}", {"id": f"sn-{letter}", "availability_zone": f"us-east-1{letter}"})
        for letter in letters
    ]
    service = {
        "name": "api",
        "id": arn("ecs", "service/prod/api"),
        "cluster": arn("ecs", "cluster/prod"),
        "desired_count": size,
        "network_configuration": [{"subnets": [f"sn-{letter}" for letter in letters]}],
        "load_balancer": [{"target_group_arn": arn("elasticloadbalancing", "targetgroup/api/1")}],
    }
    limits = {
        "resource_id": "service/prod/api",
        "service_namespace": "ecs",
        "scalable_dimension": "ecs:service:DesiredCount",
        "min_capacity": size,
        "max_capacity": 2 * size,
    }
    return [*subnets, ("aws_ecs_service.api", service), ("aws_appautoscaling_target.api", limits)]


AWS: Mapping[str, Resources] = {
    "bare database": _rds(auto_minor_version_upgrade=False),
    "sound database": [
        *_rds(
            multi_az=True,
            backup_retention_period=35,
            deletion_protection=True,
            max_allocated_storage=1000,
            auto_minor_version_upgrade=True,
        ),
        ("aws_db_instance.west", _REPLICA),
        ("aws_db_instance_automated_backups_replication.west", _COPIES),
    ],
    "bare bucket": [("aws_s3_bucket.receipts", _BUCKET)],
    "sound bucket": [
        ("aws_s3_bucket.receipts", _BUCKET),
        ("aws_s3_bucket.west", _COPY),
        (
            "aws_s3_bucket_versioning.receipts",
            {"bucket": "receipts", "versioning_configuration": [{"status": "Enabled"}]},
        ),
        (
            "aws_s3_bucket_versioning.west",
            {"bucket": "receipts-west", "versioning_configuration": [{"status": "Enabled"}]},
        ),
        ("aws_s3_bucket_replication_configuration.receipts", _RULES),
    ],
    "bare cache": _elasticache(1, on=False),
    "sound cache": _elasticache(2, on=True),
    "bare machines": _asg(1),
    "sound machines": _asg(3),
    "bare containers": _ecs(1),
    "sound containers": _ecs(3),
}


def _sql(name: str, region: str = "europe-west4", **more: Any) -> tuple[str, Mapping[str, Any]]:
    known = {"name": name, "id": name, "project": "shop", "region": region, "database_version": "POSTGRES_16"}
    return f"google_sql_database_instance.{name.replace('-', '_')}", known | more


def _mig(zones: Sequence[str]) -> Resources:
    manager = "projects/shop/regions/europe-west4/instanceGroupManagers/web"
    group = {
        "name": "web",
        "id": manager,
        "project": "shop",
        "region": "europe-west4",
        "target_size": len(zones),
        "distribution_policy_zones": list(zones),
        "instance_group": "projects/shop/regions/europe-west4/instanceGroups/web",
        "auto_healing_policies": [{"health_check": "projects/shop/global/healthChecks/web"}],
        "version": [{"instance_template": "projects/shop/global/instanceTemplates/web"}],
    }
    limits = [{"min_replicas": len(zones), "max_replicas": 2 * len(zones)}]
    scaler = {"id": "autoscaler", "region": "europe-west4", "target": manager, "autoscaling_policy": limits}
    template = {"id": "projects/shop/global/instanceTemplates/web", "machine_type": "n2-standard-4"}
    backend = {"id": "backend", "backend": [{"group": group["instance_group"]}]}
    return [
        ("google_compute_region_instance_group_manager.web", group),
        ("google_compute_region_autoscaler.web", scaler),
        ("google_compute_instance_template.web", template),
        ("google_compute_backend_service.web", backend),
    ]


def _run(least: int, most: int) -> Resources:
    scaling = [{"scaling": [{"min_instance_count": least, "max_instance_count": most}]}]
    known = {"name": "api", "id": "api", "project": "shop", "location": "europe-west4", "deletion_protection": False}
    return [("google_cloud_run_v2_service.api", known | {"template": scaling})]


def _redis(tier: str, **more: Any) -> Resources:
    known = {"name": "sessions", "id": "sessions", "project": "shop", "region": "europe-west4", "tier": tier}
    return [("google_redis_instance.sessions", known | {"location_id": "europe-west4-a"} | more)]


def _bucket(location: str, *, versioning: bool) -> Resources:
    known = {"name": "receipts", "id": "receipts", "project": "shop", "location": location.upper()}
    return [("google_storage_bucket.receipts", known | {"versioning": [{"enabled": versioning}]})]


_ZONES = ("europe-west4-a", "europe-west4-b", "europe-west4-c")
_BACKUPS = {
    "enabled": True,
    "point_in_time_recovery_enabled": True,
    "location": "europe-north1",
    "backup_retention_settings": [{"retained_backups": 35}],
}
GOOGLE: Mapping[str, Resources] = {
    "bare database": [
        _sql("orders", settings=[{"disk_autoresize": False, "location_preference": [{"zone": "europe-west4-a"}]}])
    ],
    "sound database": [
        _sql(
            "orders",
            settings=[
                {
                    "availability_type": "REGIONAL",
                    "disk_autoresize": True,
                    "deletion_protection_enabled": True,
                    "backup_configuration": [_BACKUPS],
                    "location_preference": [{"zone": "europe-west4-a"}],
                }
            ],
        ),
        _sql("orders-north", "europe-north1", master_instance_name="orders", settings=[{}]),
    ],
    "bare bucket": _bucket("europe-west4", versioning=False),
    "sound bucket": _bucket("eur4", versioning=True),
    "bare cache": _redis("BASIC"),
    "sound cache": _redis("STANDARD_HA", alternative_location_id="europe-west4-b", replica_count=1),
    "bare machines": _mig(_ZONES[:1]),
    "sound machines": _mig(_ZONES),
    "bare containers": _run(1, 2),
    "sound containers": _run(3, 6),
}


def azure(
    kind: str, path: str, name: str, location: str = "westeurope", /, **more: Any
) -> tuple[str, Mapping[str, Any]]:
    known = {"name": name, "id": f"{SUBSCRIPTION}/{path}/{name}", "location": location}
    return f"{kind}.{name.replace('-', '_')}", known | more


_SERVER = ("azurerm_postgresql_flexible_server", "Microsoft.DBforPostgreSQL/flexibleServers")
_SET = ("azurerm_linux_virtual_machine_scale_set", "Microsoft.Compute/virtualMachineScaleSets")


def _scale_set(size: int) -> Resources:
    pools = [f"{SUBSCRIPTION}/Microsoft.Network/loadBalancers/web/backendAddressPools/web"]
    network = [{"ip_configuration": [{"load_balancer_backend_address_pool_ids": pools}]}]
    probe = f"{SUBSCRIPTION}/Microsoft.Network/loadBalancers/web/probes/web"
    zones = [str(zone) for zone in range(1, size + 1)]
    more: dict[str, Any] = {
        "network_interface": network,
        "health_probe_id": probe,
        "automatic_instance_repair": [{"enabled": True}],
    }
    group = azure(*_SET, "web", zones=zones, instances=size, sku="Standard_D4s_v5", **more)
    limits = [{"capacity": [{"minimum": size, "maximum": 2 * size, "default": size}]}]
    kind = ("azurerm_monitor_autoscale_setting", "Microsoft.Insights/autoscaleSettings")
    return [group, azure(*kind, "web", target_resource_id=group[1]["id"], profile=limits)]


def _container_app(least: int, most: int, *, redundant: bool) -> Resources:
    environment = azure(
        *("azurerm_container_app_environment", "Microsoft.App/managedEnvironments", "prod"),
        zone_redundancy_enabled=redundant,
    )
    template = [{"min_replicas": least, "max_replicas": most}]
    more = {
        "container_app_environment_id": environment[1]["id"],
        "template": template,
        "ingress": [{"target_port": 80}],
    }
    return [environment, azure("azurerm_container_app", "Microsoft.App/containerApps", "api", **more)]


def _cache(sku: str, zones: Sequence[str]) -> Resources:
    settings = [{"maxmemory_policy": "volatile-lru"}]
    kind = ("azurerm_redis_cache", "Microsoft.Cache/redis")
    return [azure(*kind, "sessions", sku_name=sku, zones=list(zones), redis_configuration=settings)]


def _storage(replication: str, *, versioning: bool) -> Resources:
    kind = ("azurerm_storage_account", "Microsoft.Storage/storageAccounts")
    blobs = [{"versioning_enabled": versioning}]
    return [azure(*kind, "receipts", account_replication_type=replication, blob_properties=blobs)]


_LOCK = azure(
    "azurerm_management_lock",
    "Microsoft.DBforPostgreSQL/flexibleServers/orders/providers/Microsoft.Authorization/locks",
    "keep",
    lock_level="CanNotDelete",
    scope=f"{SUBSCRIPTION}/Microsoft.DBforPostgreSQL/flexibleServers/orders",
)
AZURE: Mapping[str, Resources] = {
    "bare database": [
        azure(*_SERVER, "orders", zone="1", auto_grow_enabled=False, backup_retention_days=7),
    ],
    "sound database": [
        azure(
            *_SERVER,
            "orders",
            zone="1",
            auto_grow_enabled=True,
            backup_retention_days=35,
            geo_redundant_backup_enabled=True,
            high_availability=[{"mode": "ZoneRedundant", "standby_availability_zone": "2"}],
        ),
        azure(
            *_SERVER,
            "orders-north",
            "northeurope",
            create_mode="Replica",
            source_server_id=f"{SUBSCRIPTION}/Microsoft.DBforPostgreSQL/flexibleServers/orders",
        ),
        _LOCK,
    ],
    "bare bucket": _storage("LRS", versioning=False),
    "sound bucket": _storage("RAGZRS", versioning=True),
    "bare cache": _cache("Basic", ()),
    "sound cache": _cache("Premium", ("1", "2")),
    "bare machines": _scale_set(1),
    "sound machines": _scale_set(3),
    "bare containers": _container_app(1, 2, redundant=False),
    "sound containers": _container_app(3, 6, redundant=True),
}

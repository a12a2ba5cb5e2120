"""S3 buckets, EFS and FSx file systems, EBS volumes. Defaults: Terraform's hashicorp/aws provider documentation of each type."""

from collections.abc import Iterable

from bot.audit.collectors.terraform.aws_parts import key_of, zones_of
from bot.audit.collectors.terraform.gaps import NOT_USED, ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, kind, told, unread_of
from checks import Capacity, Datastore, Fact, Maybe, ObjectStore, StoreKind, Unread, Volume

_AUTOMATIC_DAYS = 35  # EFS user guide, "Automatic backups"
_NOT_READ = Unread(NOT_USED)


def _bucket(row: PlanResource) -> Iterable[Fact]:
    """A bucket with its versioning and replication, which are resources of their own or blocks of it in older providers."""
    versioning = _versioning(row)
    yield row.fact(
        ObjectStore,
        product="s3",
        name=row.plain("bucket") or row.identity.name,
        versioning=versioning,
        replica_regions=() if versioning is False else _replicas(row),
        multi_region_access=_access_points(row),
        replica_of=_original(row),
        zone_redundant=True,  # one of a single zone is an aws_s3_directory_bucket
        object_lock=_NOT_READ,
        lifecycle=_NOT_READ,
        encryption_key=_bucket_key(row),
    )


def _versioning(row: PlanResource) -> Maybe[bool]:
    joined = row.joined("aws_s3_bucket_versioning", "bucket")
    if not joined.found:
        own = row.flag_of("versioning.enabled")
        return own if own is True else joined.doubt or own
    status = joined.found[0].text_of("versioning_configuration.status")
    return status if isinstance(status, Unread) else status == "Enabled"


def _rules(row: PlanResource) -> "list[tuple[PlanResource, str]]":
    """The resources with enabled replication rules of a bucket, and the path of their destinations."""
    separate = [
        (other, "rule.destination.bucket")
        for other in row.joined("aws_s3_bucket_replication_configuration", "bucket").found
        if any(told(rule.maybe(rule.text, "status"), "") == "Enabled" for rule in told(other.blocks("rule"), ()))
    ]
    return separate or [(row, "replication_configuration.rules.destination.bucket")]


def _replicas(row: PlanResource) -> Maybe[tuple[str, ...]]:
    regions: set[str] = set()
    separate = row.joined("aws_s3_bucket_replication_configuration", "bucket")
    doubt = separate.doubt or unread_of(*(other.blocks("rule") for other in separate.found))
    for source, path in _rules(row):
        links = source.links(path)
        regions |= {source.open_other(entry).identity.region for entry in links.found}
        if links.others:
            doubt = Unread(f"replicated to {links.others[0]}, which is not in the plan")
        elif not links.complete:
            doubt = Unread("the destination of its replication is known only after apply")
    regions -= {"", row.identity.region}
    return tuple(sorted(regions)) if regions or not doubt else doubt


def _original(row: PlanResource) -> str:
    """The bucket that is replicated to this one."""
    for rules in row.joined("aws_s3_bucket_replication_configuration", "rule.destination.bucket").found:
        return rules.identity_of("bucket", "aws_s3_bucket")
    return next(
        (
            other.identity.resource
            for other in row.joined("aws_s3_bucket", "replication_configuration.rules.destination.bucket").found
        ),
        "",
    )


def _access_points(row: PlanResource) -> Maybe[bool]:
    points = row.joined("aws_s3control_multi_region_access_point", "details.region.bucket")
    return bool(points.found) or points.doubt or False


def _bucket_key(row: PlanResource) -> str:
    path = "rule.apply_server_side_encryption_by_default.kms_master_key_id"
    for other in row.joined("aws_s3_bucket_server_side_encryption_configuration", "bucket").found:
        return key_of(other, path)
    return key_of(row, f"server_side_encryption_configuration.{path}")


def _file_system(row: PlanResource) -> Iterable[Fact]:
    """An EFS file system with its mount targets, backup policy and replication."""
    one_zone = row.plain("availability_zone_name")
    mounts = row.joined("aws_efs_mount_target", "file_system_id")
    zones = set()
    doubt = mounts.doubt
    for mount in mounts.found:
        found = zones_of(mount, "subnet_id")
        doubt = found if isinstance(found, Unread) else doubt
        zones |= set(told(found, ()))
    copies = row.joined("aws_efs_replication_configuration", "source_file_system_id")
    regions = {other.plain("destination.region") or other.identity.region for other in copies.found}
    regions -= {"", row.identity.region}
    backups = row.joined("aws_efs_backup_policy", "file_system_id")
    yield row.fact(
        Datastore,
        product="efs",
        kind=StoreKind.FILE,
        engine="efs",
        zones=(one_zone,) if one_zone else tuple(sorted(zones)),
        zone_redundant=False if one_zone else True if len(zones) > 1 else doubt or len(zones) != 1,
        replica_regions=tuple(sorted(regions)) if regions or not copies.doubt else copies.doubt,
        replica_of=_efs_original(row),
        backup_days=backups.first(_backup_days, 0),
        capacity=Capacity.ON_DEMAND,
        encryption_key=key_of(row, "kms_key_id"),
    )


def _efs_original(row: PlanResource) -> str:
    copied = row.joined("aws_efs_replication_configuration", "destination.file_system_id").found
    return copied[0].identity_of("source_file_system_id", "aws_efs_file_system") if copied else ""


def _backup_days(policy: PlanResource) -> int:
    return _AUTOMATIC_DAYS if policy.plain("backup_policy.status") == "ENABLED" else 0


def _fsx(row: PlanResource) -> Iterable[Fact]:
    """An FSx file system: `deployment_type` says whether it is in several zones, and whether it can be backed up."""
    lustre = row.resource_type == "aws_fsx_lustre_file_system"
    deployment = row.text_of("deployment_type", "SCRATCH_1" if lustre else "SINGLE_AZ_1")
    multi = deployment if isinstance(deployment, Unread) else deployment.startswith("MULTI_AZ")
    scratch = not isinstance(deployment, Unread) and deployment.startswith("SCRATCH")
    default_days = 7 if row.resource_type == "aws_fsx_windows_file_system" else 0
    yield row.fact(
        Datastore,
        product="fsx",
        kind=StoreKind.FILE,
        engine=row.resource_type.removeprefix("aws_fsx_").removesuffix("_file_system"),
        zone_redundant=multi,
        automatic_failover=multi or None,
        backup_days=None if scratch else row.number_of("automatic_backup_retention_days", default_days),
        capacity=Capacity.FIXED,
        encryption_key=key_of(row, "kms_key_id"),
    )


def _volume(row: PlanResource) -> Iterable[Fact]:
    """An EBS volume, attached by a resource of its own."""
    attached = row.joined("aws_volume_attachment", "volume_id").found
    links = [other.links("instance_id", "aws_instance") for other in attached]
    machines = tuple(machine for other in attached if (machine := other.identity_of("instance_id", "aws_instance")))
    outside = next((name for found in links for name in found.others), "")
    yield row.fact(
        Volume,
        product="ebs",
        zone=row.plain("availability_zone"),
        size_gib=told(row.number_of("size", 0), 0),
        attached_to=machines[0] if machines else "",
        disposable=Unread(f"instance {outside} is not in the plan, so whether it is replaced is not known")
        if outside
        else False,  # nothing replaces an instance that a plan describes by itself
        last_snapshot_at=Unread(ONLY_AFTER_DEPLOYMENT),
        about=machines,
        encryption_key=key_of(row, "kms_key_id"),
    )


def _gateway_volume(row: PlanResource) -> Iterable[Fact]:
    """A volume of a Storage Gateway, which is outside of the zones of AWS."""
    gateway = row.identity_of("gateway_arn", "aws_storagegateway_gateway")
    yield row.fact(
        Volume,
        product="storagegateway",
        name=row.plain("volume_id") or row.plain("target_name") or row.identity.name,
        zone="",
        size_gib=told(row.number_of("volume_size_in_bytes", 0), 0) // 1024**3,
        attached_to=gateway,
        last_snapshot_at=Unread(ONLY_AFTER_DEPLOYMENT),
        about=(gateway,) if gateway else (),
        encryption_key=key_of(row, "kms_key"),
    )


_FSX = ("windows", "ontap", "openzfs", "lustre")
KINDS = (
    kind("aws_s3_bucket", (ObjectStore,), _bucket),
    kind("aws_efs_file_system", (Datastore,), _file_system),
    *(kind(f"aws_fsx_{name}_file_system", (Datastore,), _fsx) for name in _FSX),
    kind("aws_ebs_volume", (Volume,), _volume),
    kind("aws_storagegateway_cached_iscsi_volume", (Volume,), _gateway_volume),
    kind("aws_storagegateway_stored_iscsi_volume", (Volume,), _gateway_volume),
)

"""KMS customer managed keys: state and replica regions."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.reader import NOT_READ, Reader
from bot.audit.collectors.aws.source import Source
from checks import EncryptionKey, Fact, Unread

AWS_OWNED = "alias/aws/"
SHORTEST_WAIT = 7  # days, KMS API reference, "ScheduleKeyDeletion"


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one EncryptionKey per customer managed key; keys that AWS manages are left out."""
    keys = aws.list("kms", "ListKeys", "Keys", Limit=1000)
    if not keys:
        return
    aliases = aws.maybe(lambda: aws.list("kms", "ListAliases", "Aliases", Limit=100))
    names: dict[str, list[str]] = defaultdict(list)
    for alias in () if isinstance(aliases, Unread) else aliases:
        names[alias.get("TargetKeyId", "")].append(alias.get("AliasName", ""))
    customer_keys = [key for key in keys if not "".join(names[_id_of(key)]).startswith(AWS_OWNED)]
    identity = ItemIdentity[dict[str, Any]]("kms:DescribeKey", lambda key: _arn_of(aws, key))
    yield from facts_of(aws, lambda key: _key(aws, key, names[_id_of(key)] or [_id_of(key)]), customer_keys, identity)


def _id_of(key: dict[str, Any]) -> str:
    return str(key.get("KeyId") or key.get("KeyArn", "").rpartition("/")[2])


def _arn_of(aws: Reader, key: dict[str, Any]) -> str:
    return str(key.get("KeyArn") or aws.arn("kms", f"key/{key['KeyId']}"))


def _describe(aws: Reader, key: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = aws.get("kms", "DescribeKey", KeyId=_id_of(key))["KeyMetadata"]
    return metadata


def _key(aws: Reader, key: dict[str, Any], aliases: Sequence[str]) -> Fact | None:
    """The fact of one key, None for a key that AWS manages."""
    arn = _arn_of(aws, key)
    description = part(aws, arn, lambda: _describe(aws, key), "kms:DescribeKey")
    if isinstance(description, Unread):  # its key policy denies access
        return aws.fact(
            EncryptionKey,
            resource=arn,
            name=aliases[-1],
            aliases=tuple(aliases),
            product="kms",
            multi_region=description,
            replica_regions=description,
            enabled=description,
            in_use=description,
            pending_deletion=description,
            recovery_days=SHORTEST_WAIT,
        )
    if description.get("KeyManager") == "AWS":
        return None
    family = description.get("MultiRegionConfiguration", {})
    members = (family.get("PrimaryKey"), *family.get("ReplicaKeys", ()))
    regions = {member.get("Region", "") for member in members if member}
    enabled = description.get("Enabled", Unread("DescribeKey returned no Enabled field"))
    return aws.fact(
        EncryptionKey,
        resource=arn,
        name=aliases[-1],
        aliases=tuple(aliases),
        product="kms",
        multi_region=bool(description.get("MultiRegion")),
        replica_regions=tuple(sorted(regions - {"", aws.region})),
        enabled=enabled,
        in_use=part(aws, arn, lambda: _has_grant(aws, key)) if enabled is False else NOT_READ,
        pending_deletion=description.get("KeyState") in ("PendingDeletion", "PendingReplicaDeletion"),
        recovery_days=SHORTEST_WAIT,
    )


def _has_grant(aws: Reader, key: dict[str, Any]) -> bool:
    """Whether a service holds a grant: RDS, EBS, DynamoDB and others create one for each resource that they encrypt."""
    return bool(aws.list("kms", "ListGrants", "Grants", KeyId=_id_of(key)))


SOURCE = Source(
    name="aws_keys",
    facts=(EncryptionKey,),
    actions=("kms:ListKeys", "kms:ListAliases", "kms:DescribeKey", "kms:ListGrants"),
    read=read,
)

"""KMS customer managed keys: state and replica regions."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import EncryptionKey, Fact, Unread

AWS_OWNED = "alias/aws/"


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one EncryptionKey per customer managed key; keys that AWS manages are left out."""
    keys = aws.list("kms", "ListKeys", "Keys", Limit=1000)
    if not keys:
        return
    aliases = aws.maybe(lambda: aws.list("kms", "ListAliases", "Aliases", Limit=100))
    names: dict[str, str] = (
        {} if isinstance(aliases, Unread) else {alias.get("TargetKeyId", ""): alias["AliasName"] for alias in aliases}
    )
    customer_keys = [key for key in keys if not names.get(key["KeyId"], "").startswith(AWS_OWNED)]
    descriptions = aws.each(lambda listed: aws.maybe(lambda: _describe(aws, listed)), customer_keys)
    for key, description in zip(customer_keys, descriptions, strict=True):
        if isinstance(description, Unread) or description.get("KeyManager") != "AWS":
            yield _key(aws, key, names.get(key["KeyId"]) or key["KeyId"], description)


def _describe(aws: Reader, key: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = aws.get("kms", "DescribeKey", KeyId=key["KeyId"])["KeyMetadata"]
    return metadata


def _key(aws: Reader, key: dict[str, Any], name: str, description: "dict[str, Any] | Unread") -> Fact:
    """The fact of one key. If its key policy denies access, its fields are `Unread`."""
    if isinstance(description, Unread):
        return aws.fact(
            EncryptionKey,
            resource=key["KeyArn"],
            name=name,
            product="kms",
            multi_region=description,
            replica_regions=description,
            enabled=description,
            pending_deletion=description,
        )
    family = description.get("MultiRegionConfiguration", {})
    regions = {member["Region"] for member in (family.get("PrimaryKey"), *family.get("ReplicaKeys", ())) if member}
    return aws.fact(
        EncryptionKey,
        resource=key["KeyArn"],
        name=name,
        product="kms",
        multi_region=bool(description.get("MultiRegion")),
        replica_regions=tuple(sorted(regions - {aws.region})),
        enabled=bool(description.get("Enabled")),
        pending_deletion=description.get("KeyState") in ("PendingDeletion", "PendingReplicaDeletion"),
    )


SOURCE = Source(
    name="aws_keys",
    facts=(EncryptionKey,),
    actions=("kms:ListKeys", "kms:ListAliases", "kms:DescribeKey"),
    read=read,
)

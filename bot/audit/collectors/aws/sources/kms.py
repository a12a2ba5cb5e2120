"""KMS -> EncryptionKey: the customer's own keys, and in which regions they can decrypt."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import EncryptionKey, Fact, Unread

AWS_OWNED = "alias/aws/"


def read(aws: Reader) -> Iterator[Fact]:
    """One EncryptionKey for each key that the customer manages; keys that AWS made for a service tell nothing."""
    keys = aws.list("kms", "ListKeys", "Keys", Limit=1000)
    if not keys:
        return
    aliases = aws.maybe(lambda: aws.list("kms", "ListAliases", "Aliases", Limit=100))
    names: dict[str, str] = (
        {} if isinstance(aliases, Unread) else {alias.get("TargetKeyId", ""): alias["AliasName"] for alias in aliases}
    )
    own = [key for key in keys if not names.get(key["KeyId"], "").startswith(AWS_OWNED)]
    for key, told in zip(own, aws.each(lambda listed: aws.maybe(lambda: _describe(aws, listed)), own), strict=True):
        if isinstance(told, Unread) or told.get("KeyManager") != "AWS":
            yield _key(aws, key, names.get(key["KeyId"]) or key["KeyId"], told)


def _describe(aws: Reader, key: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = aws.get("kms", "DescribeKey", KeyId=key["KeyId"])["KeyMetadata"]
    return told


def _key(aws: Reader, key: dict[str, Any], name: str, told: "dict[str, Any] | Unread") -> Fact:
    """A key policy may hide one key from everybody but its owner: its fields are then unread, the key is still there."""
    if isinstance(told, Unread):
        return aws.fact(
            EncryptionKey,
            resource=key["KeyArn"],
            name=name,
            product="kms",
            multi_region=told,
            replica_regions=told,
            enabled=told,
            pending_deletion=told,
        )
    family = told.get("MultiRegionConfiguration", {})
    homes = {member["Region"] for member in (family.get("PrimaryKey"), *family.get("ReplicaKeys", ())) if member}
    return aws.fact(
        EncryptionKey,
        resource=key["KeyArn"],
        name=name,
        product="kms",
        multi_region=bool(told.get("MultiRegion")),
        replica_regions=tuple(sorted(homes - {aws.region})),
        enabled=bool(told.get("Enabled")),
        pending_deletion=told.get("KeyState") in ("PendingDeletion", "PendingReplicaDeletion"),
    )


SOURCE = Source(
    name="aws_keys",
    facts=(EncryptionKey,),
    actions=("kms:ListKeys", "kms:ListAliases", "kms:DescribeKey"),
    read=read,
)

"""Secrets Manager secrets: replica regions and rotation."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Secret


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Secret per secret. Replica regions need a description of each secret that is not a replica itself."""
    secrets = aws.list("secretsmanager", "ListSecrets", "SecretList", MaxResults=100)
    identity = ItemIdentity[dict[str, Any]](
        "secretsmanager:ListSecrets", lambda found: found["ARN"], lambda found: tag_map(found.get("Tags"))
    )
    yield from facts_of(aws, lambda found: _secret(aws, found), secrets, identity)


def _secret(aws: Reader, found: dict[str, Any]) -> Fact:
    return aws.fact(
        Secret,
        resource=found["ARN"],
        name=found.get("Name") or found["ARN"].rpartition(":")[2],
        product="secretsmanager",
        encryption_key=found.get("KmsKeyId", ""),
        tags=tag_map(found.get("Tags")),
        replica_regions=_replica_regions(aws, found),
        rotates=found.get("RotationEnabled", False),
    )


def _replica_regions(aws: Reader, found: dict[str, Any]) -> tuple[str, ...]:
    primary = found.get("PrimaryRegion")
    if primary and primary != aws.region:
        return (primary,)
    described = aws.get("secretsmanager", "DescribeSecret", SecretId=found["ARN"])
    return tuple(
        sorted(
            copy["Region"]
            for copy in described.get("ReplicationStatus", ())
            if copy.get("Status") == "InSync" and copy.get("Region")
        )
    )


SOURCE = Source(
    name="aws_secrets",
    facts=(Secret,),
    actions=("secretsmanager:ListSecrets", "secretsmanager:DescribeSecret"),
    read=read,
)

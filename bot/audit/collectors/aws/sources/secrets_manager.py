"""Secrets Manager secrets: replica regions and rotation."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Secret


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Secret per secret. Replica regions need a description of each secret that is not a replica itself."""
    secrets = aws.list("secretsmanager", "ListSecrets", "SecretList", MaxResults=100)
    for found, regions in zip(secrets, aws.each(lambda secret: _replica_regions(aws, secret), secrets), strict=True):
        tags = tag_map(found.get("Tags"))
        yield aws.fact(
            Secret,
            resource=found["ARN"],
            name=found["Name"],
            product="secretsmanager",
            tags=tags,
            replica_regions=regions,
            rotates=found.get("RotationEnabled", False),
        )


def _replica_regions(aws: Reader, found: dict[str, Any]) -> tuple[str, ...]:
    primary = found.get("PrimaryRegion")
    if primary and primary != aws.region:
        return (primary,)
    described = aws.get("secretsmanager", "DescribeSecret", SecretId=found["ARN"])
    return tuple(
        sorted(copy["Region"] for copy in described.get("ReplicationStatus", ()) if copy["Status"] == "InSync")
    )


SOURCE = Source(
    name="aws_secrets",
    facts=(Secret,),
    actions=("secretsmanager:ListSecrets", "secretsmanager:DescribeSecret"),
    read=read,
)

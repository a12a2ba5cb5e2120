"""Secrets Manager -> Secret: in which other regions a copy stands ready."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Secret


def read(aws: Reader) -> Iterator[Fact]:
    """One Secret each. Only the description tells the replicas, save for a secret that is itself one."""
    secrets = aws.list("secretsmanager", "ListSecrets", "SecretList", MaxResults=100)
    for found, regions in zip(secrets, aws.each(lambda secret: _copies(aws, secret), secrets), strict=True):
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


def _copies(aws: Reader, found: dict[str, Any]) -> tuple[str, ...]:
    origin = found.get("PrimaryRegion")
    if origin and origin != aws.region:
        return (origin,)
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

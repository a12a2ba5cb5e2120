"""Cognito user pools: deletion protection and replicas in other regions."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.parts.state_machine import plain_function
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Unread, UserDirectory

Row = dict[str, Any]
_ACTION = "cognito-idp:DescribeUserPool"


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one UserDirectory per user pool: one listing, and one call each."""
    rows = aws.list("cognito-idp", "ListUserPools", "UserPools", MaxResults=60)
    identity = ItemIdentity[Row](_ACTION, lambda row: _arn_of(aws, row))
    yield from facts_of(aws, lambda row: _directory(aws, row), rows, identity)


def _arn_of(aws: Reader, row: Row) -> str:
    return aws.arn("cognito-idp", f"userpool/{row['Id']}")


def _directory(aws: Reader, row: Row) -> Fact:
    arn = _arn_of(aws, row)
    pool = part(aws, arn, lambda: _described(aws, row["Id"]), _ACTION)
    return aws.fact(
        UserDirectory,
        resource=arn,
        name=row.get("Name") or row["Id"],
        product="cognito",
        deletion_protection=pool
        if isinstance(pool, Unread)
        else pool.get("DeletionProtection", "INACTIVE") == "ACTIVE",
        calls=() if isinstance(pool, Unread) else _triggers(pool),
        encryption_key=pool if isinstance(pool, Unread) else pool.get("KeyConfiguration", {}).get("KmsKeyArn", ""),
        replica_regions=_other_regions(aws, row),
    )


def _described(aws: Reader, pool: str) -> Row:
    found: Row = aws.get("cognito-idp", "DescribeUserPool", UserPoolId=pool)["UserPool"]
    return found


def _triggers(pool: Row) -> tuple[str, ...]:
    """The functions that a pool calls when somebody signs up or in."""
    settings = pool.get("LambdaConfig") or {}
    named = [value if isinstance(value, str) else value.get("LambdaArn", "") for value in settings.values()]
    return tuple(dict.fromkeys(plain_function(arn) for arn in named if arn.split(":")[2:3] == ["lambda"]))


def _other_regions(aws: Reader, row: Row) -> tuple[str, ...]:
    """The regions of its replicas; for a replica that of its primary, with which the id of a pool begins."""
    regions = {*row.get("ReplicaRegions", ()), row["Id"].partition("_")[0]}
    return tuple(sorted(regions - {aws.region, ""}))


SOURCE = Source(
    name="aws_user_directories",
    facts=(UserDirectory,),
    actions=("cognito-idp:ListUserPools", _ACTION, "tag:GetResources"),
    read=read,
)

"""CloudFront distributions: origins and origin failover."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Distribution, Fact


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Distribution per distribution, from the listing alone."""
    for found in aws.list("cloudfront", "ListDistributions", "DistributionList.Items"):
        aliases = found.get("Aliases", {}).get("Items", ())
        yield aws.fact(
            Distribution,
            resource=found["ARN"],
            name=aliases[0] if aliases else found["DomainName"],
            product="cloudfront",
            origins=tuple(origin["DomainName"] for origin in found["Origins"]["Items"]),
            origin_failover=_has_origin_failover(found),
            enabled=found["Enabled"],
        )


def _has_origin_failover(found: dict[str, Any]) -> bool:
    """Whether the default cache behaviour uses an origin group with a second origin."""
    groups = found.get("OriginGroups", {}).get("Items", ())
    failover_groups = {group["Id"] for group in groups if len(group["Members"]["Items"]) > 1}
    return found["DefaultCacheBehavior"]["TargetOriginId"] in failover_groups


SOURCE = Source(
    name="aws_distributions",
    facts=(Distribution,),
    where="global",
    actions=("cloudfront:ListDistributions",),
    read=read,
)

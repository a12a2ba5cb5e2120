"""CloudFront distributions: origins and origin failover."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Distribution, Fact


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Distribution per distribution, from the listing alone."""
    if not aws.offered("cloudfront"):
        return
    identity = ItemIdentity[dict[str, Any]]("cloudfront:ListDistributions", lambda found: _arn_of(aws, found))
    listed = aws.list("cloudfront", "ListDistributions", "DistributionList.Items")
    yield from facts_of(aws, lambda found: _distribution(aws, found), listed, identity, calls=False)


def _arn_of(aws: Reader, found: dict[str, Any]) -> str:
    return str(found.get("ARN") or aws.arn("cloudfront", f"distribution/{found['Id']}"))


def _distribution(aws: Reader, found: dict[str, Any]) -> Fact | None:
    """The fact of a distribution; None for a staging one, which gets test traffic alone (continuous deployment)."""
    if found.get("Staging"):
        return None
    aliases = found.get("Aliases", {}).get("Items", ())
    arn = _arn_of(aws, found)
    return aws.fact(
        Distribution,
        resource=arn,
        name=aliases[0] if aliases else found.get("DomainName") or arn.rpartition("/")[2],
        product="cloudfront",
        origins=tuple(origin.get("DomainName", "") for origin in found.get("Origins", {}).get("Items", ())),
        origin_failover=_has_origin_failover(found, found.get("DefaultCacheBehavior", {})),
        paths_without_failover=tuple(
            behaviour.get("PathPattern", "")
            for behaviour in found.get("CacheBehaviors", {}).get("Items", ())
            if not _has_origin_failover(found, behaviour) and not _takes_writes(behaviour)
        ),
        takes_writes=_takes_writes(found.get("DefaultCacheBehavior", {})),
        enabled=found.get("Enabled", True),
    )


def _takes_writes(behaviour: dict[str, Any]) -> bool:
    """Whether it accepts POST and the like, which CloudFront allows no cache behaviour of an origin group.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
    """
    return not {"GET", "HEAD", "OPTIONS"}.issuperset(behaviour.get("AllowedMethods", {}).get("Items", ()))


def _has_origin_failover(found: dict[str, Any], behaviour: dict[str, Any]) -> bool:
    """Whether a cache behaviour uses an origin group with a second origin."""
    groups = found.get("OriginGroups", {}).get("Items", ())
    failover_groups = {group.get("Id") for group in groups if len(group.get("Members", {}).get("Items", ())) > 1}
    return behaviour.get("TargetOriginId", "") in failover_groups


SOURCE = Source(
    name="aws_distributions",
    facts=(Distribution,),
    where="global",
    actions=("cloudfront:ListDistributions",),
    read=read,
)

"""What a DNS record points to -> the regions that serve it and the resources behind its name."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from bot.collectors._reader import Reader
from checks import Unread

_REGION: Final = re.compile(
    r"(?<![a-z0-9])((?:us-gov|us-iso[a-z]?|[a-z]{2})-(?:central|(?:north|south)(?:east|west)?|east|west)-\d)(?![a-z0-9])"
)


def plain(name: str) -> str:
    """A DNS name as people write it: lower case, no last dot, `*` where Route 53 writes its octal code."""
    return name.replace("\\052", "*").rstrip(".").lower()


def regions_of(targets: Iterable[str]) -> tuple[str, ...]:
    """The regions that the names of AWS's own endpoints tell: `lb-1.us-east-1.elb.amazonaws.com`."""
    ours = (name for name in targets if ".amazonaws.com" in name)
    return tuple(sorted({found for name in ours for found in _REGION.findall(name)}))


class DnsTargets:
    """Finds what is behind a record's target: load balancers of the regions in scope, distributions.

    Each listing is read when the first target needs it, in the words that its own source uses.
    """

    def __init__(self, aws: Reader) -> None:
        self._aws = aws
        self._balancers: dict[str, Mapping[str, str]] = {}

    def of(self, targets: Iterable[str]) -> tuple[str, ...]:
        """ARNs behind these names; a name that nothing of this account answers to brings none."""
        found = (arn for name in targets if (arn := self._one(name.removeprefix("dualstack."))))
        return tuple(dict.fromkeys(found))

    def _one(self, name: str) -> str:
        if name.endswith(".cloudfront.net"):
            return self._distributions.get(name, "")
        region = next(iter(regions_of((name,))), "")
        if ".elb." not in name or region not in self._aws.regions:
            return ""
        if region not in self._balancers:
            self._balancers[region] = self._balancers_in(region)
        return self._balancers[region].get(name, "")

    @cached_property
    def _distributions(self) -> Mapping[str, str]:
        rows = self._aws.maybe(lambda: self._aws.list("cloudfront", "ListDistributions", "DistributionList.Items"))
        return {} if isinstance(rows, Unread) else {plain(row["DomainName"]): row["ARN"] for row in rows}

    def _balancers_in(self, region: str) -> Mapping[str, str]:
        there = self._aws.at(region)
        new = there.maybe(lambda: there.list("elbv2", "DescribeLoadBalancers", "LoadBalancers"))
        old = there.maybe(lambda: there.list("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions"))
        found = {} if isinstance(new, Unread) else {plain(row["DNSName"]): row["LoadBalancerArn"] for row in new}
        for row in () if isinstance(old, Unread) else old:
            arn = there.arn("elasticloadbalancing", f"loadbalancer/{row['LoadBalancerName']}")
            found[plain(row["DNSName"])] = arn
        return found

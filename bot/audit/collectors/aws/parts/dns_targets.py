"""What a DNS record points to -> the regions that serve it and the resources behind its name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.reader import Reader
from checks import Unread

_REGION: Final = re.compile(
    r"(?<![a-z0-9])((?:us-gov|us-iso[a-z]?|[a-z]{2})-(?:central|(?:north|south)(?:east|west)?|east|west)-\d)(?![a-z0-9])"
)

_ADDRESS: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def plain(name: str) -> str:
    """A DNS name as people write it: lower case, no last dot, `*` where Route 53 writes its octal code."""
    return name.replace("\\052", "*").rstrip(".").lower()


def regions_of(targets: Iterable[str]) -> tuple[str, ...]:
    """The regions told by ARNs and by the names of AWS's own endpoints: `lb-1.us-east-1.elb.amazonaws.com`."""
    found: set[str] = set()
    for name in targets:
        if _arn.is_arn(name):
            found.add(_arn.parse(name).region)
        elif ".amazonaws.com" in name:
            found.update(_REGION.findall(name))
    return tuple(sorted(found - {""}))


class DnsTargets:
    """Finds what is behind a record's target: load balancers and machines of the regions in scope, distributions.

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
        if _ADDRESS.fullmatch(name):
            return self._machines.get(name, "")
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

    @cached_property
    def _machines(self) -> Mapping[str, str]:
        """Public address -> the machine that has it, in every region in scope."""
        return {address: arn for region in self._aws.regions for address, arn in self._machines_in(region)}

    def _machines_in(self, region: str) -> Iterator[tuple[str, str]]:
        there = self._aws.at(region)
        rows = there.maybe(lambda: there.list("ec2", "DescribeInstances", "Reservations"))
        for row in () if isinstance(rows, Unread) else rows:
            for machine in row.get("Instances", ()):
                if machine.get("PublicIpAddress"):
                    yield machine["PublicIpAddress"], there.arn("ec2", f"instance/{machine['InstanceId']}")

    def _balancers_in(self, region: str) -> Mapping[str, str]:
        there = self._aws.at(region)
        new = there.maybe(lambda: there.list("elbv2", "DescribeLoadBalancers", "LoadBalancers"))
        old = there.maybe(lambda: there.list("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions"))
        found = {} if isinstance(new, Unread) else {plain(row["DNSName"]): row["LoadBalancerArn"] for row in new}
        for row in () if isinstance(old, Unread) else old:
            arn = there.arn("elasticloadbalancing", f"loadbalancer/{row['LoadBalancerName']}")
            found[plain(row["DNSName"])] = arn
        return found

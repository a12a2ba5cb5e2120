"""Finds the regions and resources that a DNS record points to."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.reader import Reader
from checks import Unread

_REGION: Final = re.compile(
    r"(?<![a-z0-9])((?:us-gov|us-iso[a-z]?|eusc-[a-z]{2}|[a-z]{2})-(?:central|(?:north|south)(?:east|west)?|east|west)-\d)(?![a-z0-9])"
)

_ADDRESS: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def normalised_name(name: str) -> str:
    """A DNS name in lower case, without the trailing dot, and with `*` instead of Route 53's octal code for it."""
    return name.replace("\\052", "*").rstrip(".").lower()


def regions_in_names(names: Iterable[str]) -> tuple[str, ...]:
    """The regions in ARNs and in AWS host names such as `lb-1.us-east-1.elb.amazonaws.com`."""
    found: set[str] = set()
    for name in names:
        if _arn.is_arn(name):
            found.add(_arn.parse_arn(name).region)
        elif ".amazonaws.com" in name:
            found.update(_REGION.findall(name))
    return tuple(sorted(found - {""}))


class DnsTargets:
    """Finds the resources behind the targets of records: load balancers, instances and distributions.

    Each listing is read when the first target needs it, with the same parameters as in its own source.
    """

    def __init__(self, aws: Reader) -> None:
        self._aws = aws
        self._balancers: dict[str, Mapping[str, str]] = {}

    def resources_of(self, targets: Iterable[str]) -> tuple[str, ...]:
        """The ARNs of the resources behind these names; none for a name outside this account."""
        found = (arn for name in targets if (arn := self._resource(name.removeprefix("dualstack."))))
        return tuple(dict.fromkeys(found))

    def _resource(self, name: str) -> str:
        if name.endswith((".cloudfront.net", ".cloudfront.cn")):
            return self._distributions.get(name, "")
        if _ADDRESS.fullmatch(name):
            return self._instances.get(name, "")
        region = next(iter(regions_in_names((name,))), "")
        if ".elb." not in name or region not in self._aws.regions:
            return ""
        if region not in self._balancers:
            self._balancers[region] = self._balancers_in(region)
        return self._balancers[region].get(name, "")

    @cached_property
    def _distributions(self) -> Mapping[str, str]:
        rows = self._aws.maybe(lambda: self._aws.list("cloudfront", "ListDistributions", "DistributionList.Items"))
        known = [] if isinstance(rows, Unread) else [row for row in rows if row.get("DomainName") and row.get("ARN")]
        return {normalised_name(row["DomainName"]): row["ARN"] for row in known}

    @cached_property
    def _instances(self) -> Mapping[str, str]:
        """The ARN of the instance with each public address, in all regions in scope."""
        return {address: arn for region in self._aws.regions for address, arn in self._instances_in(region)}

    def _instances_in(self, region: str) -> Iterator[tuple[str, str]]:
        regional = self._aws.at(region)
        rows = regional.maybe(lambda: regional.list("ec2", "DescribeInstances", "Reservations"))
        for row in () if isinstance(rows, Unread) else rows:
            for instance in row.get("Instances", ()):
                if instance.get("PublicIpAddress") and instance.get("InstanceId"):
                    yield instance["PublicIpAddress"], regional.arn("ec2", f"instance/{instance['InstanceId']}")

    def _balancers_in(self, region: str) -> Mapping[str, str]:
        regional = self._aws.at(region)
        current = regional.maybe(lambda: regional.list("elbv2", "DescribeLoadBalancers", "LoadBalancers"))
        classic = regional.maybe(lambda: regional.list("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions"))
        named = [] if isinstance(current, Unread) else [row for row in current if row.get("DNSName")]
        found = {normalised_name(row["DNSName"]): row["LoadBalancerArn"] for row in named if row.get("LoadBalancerArn")}
        for row in () if isinstance(classic, Unread) else classic:
            if not row.get("DNSName") or not row.get("LoadBalancerName"):
                continue
            arn = regional.arn("elasticloadbalancing", f"loadbalancer/{row['LoadBalancerName']}")
            found[normalised_name(row["DNSName"])] = arn
        return found

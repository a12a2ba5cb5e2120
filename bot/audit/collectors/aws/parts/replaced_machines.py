"""Tells which instances are replaced by new ones when they fail, and which volumes go with them."""

from collections.abc import Collection, Mapping

from bot.audit.collectors.aws.reader import Reader, tag_map

# Tags of instances that are replaced: by Auto Scaling, an EKS node group or EKS Auto Mode, Karpenter, old and new, and a
# Spot Fleet, which maintains its capacity unless told otherwise (EC2 user guide, "Spot Fleet request types").
_REPLACED = frozenset(
    {"aws:autoscaling:groupName", "eks:nodegroup-name", "eks:kubernetes-node-class-name", "karpenter.sh/nodeclaim"}
    | {"karpenter.sh/nodepool", "karpenter.sh/provisioner-name", "aws:ec2spot:fleet-request-id"}
)


def is_replaced(tags: Collection[str]) -> bool:
    """Whether an instance with these tag keys is replaced when it fails."""
    return not _REPLACED.isdisjoint(tags)


def root_devices_of_replaced(aws: Reader) -> Mapping[str, str]:
    """The name of the root device of each instance that is replaced when it fails, by instance id.

    Raises:
        ReadError: instances cannot be listed.
    """
    return {
        instance.get("InstanceId", ""): instance.get("RootDeviceName", "")
        for reservation in aws.list("ec2", "DescribeInstances", "Reservations")
        for instance in reservation.get("Instances", ())
        if is_replaced(tag_map(instance.get("Tags")))
    }

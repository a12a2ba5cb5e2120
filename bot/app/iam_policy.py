"""Builds the IAM policy that backstay needs to read AWS, from the actions that each source declares."""

from typing import Any, Final

from bot.audit.collectors.aws.source import sources
from bot.detection.feeds import aws_health_api as health
from bot.detection.probes import aws_canaries as canaries

# Read before any source: regions, zones, and the tags of resources.
ENTRANCE: Final = (
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeRegions",
    "tag:GetResources",
)
# Needed only in the organisation's management account.
ORGANIZATION: Final = ("organizations:ListAccounts",)
MANAGED_POLICY_LIMIT: Final = 6144  # characters without white space: IAM User Guide "IAM and AWS STS quotas"


def actions() -> tuple[str, ...]:
    """Every IAM action that an audit or a canary needs, sorted. A role's own trust policy grants assuming it."""
    declared = {action for source in sources() for action in source.actions}
    return tuple(sorted({*declared, *ENTRANCE, *ORGANIZATION, *canaries.canary_actions(), *health.ACTIONS}))


def policy() -> dict[str, Any]:
    """One policy document. It grants reading configuration, never data.

    It has a single statement, as one for each AWS service would exceed the limit of a managed policy.
    """
    statement = {"Sid": "ReadSettings", "Effect": "Allow", "Action": list(actions()), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}

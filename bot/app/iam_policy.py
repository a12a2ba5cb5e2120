"""The IAM policy that lets backstay read: written from what every source declares, so that it is never short or wide."""

from typing import Any, Final

from bot.audit.collectors.aws.source import sources
from bot.detection.feeds import aws_health_api as health
from bot.detection.probes import aws_canaries as canaries

# Before any source is asked: which regions and zones there are, and which tags hang on what.
ENTRANCE: Final = (
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeRegions",
    "tag:GetResources",
)
# Needed only in the account that an organisation is managed from.
ORGANIZATION: Final = ("organizations:ListAccounts",)
MANAGED_POLICY_LIMIT: Final = 6144  # characters without white space: IAM User Guide "IAM and AWS STS quotas"


def actions() -> tuple[str, ...]:
    """Every IAM action that an audit or a canary needs, sorted. Assuming a role is granted by that role's own trust policy."""
    declared = {action for source in sources() for action in source.actions}
    return tuple(sorted({*declared, *ENTRANCE, *ORGANIZATION, *canaries.canary_actions(), *health.ACTIONS}))


def policy() -> dict[str, Any]:
    """One policy document. It reads settings alone, never what customers store.

    A single statement: one for each service would not fit into a managed policy.
    """
    statement = {"Sid": "ReadSettings", "Effect": "Allow", "Action": list(actions()), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}

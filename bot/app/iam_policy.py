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
# Actions that read data as well, with the id of their statement and the only resources that it allows. Keyspaces API
# reference, `ListTables`: the system keyspaces describe all others.
LIMITED: Final = {"cassandra:Select": ("ReadKeyspaces", "arn:*:cassandra:*:*:/keyspace/system*")}
# Services all of whose listings are granted, as a managed policy has no room for each by name. They list settings alone.
LISTED_AS_A_WHOLE: Final = ("resiliencehub",)
MANAGED_POLICY_LIMIT: Final = 6144  # characters without white space: IAM User Guide "IAM and AWS STS quotas"


def actions() -> tuple[str, ...]:
    """Every IAM action that an audit or a canary needs, sorted. A role's own trust policy grants assuming it."""
    declared = {action for source in sources() for action in source.actions}
    return tuple(sorted({*declared, *ENTRANCE, *ORGANIZATION, *canaries.canary_actions(), *health.ACTIONS}))


def policy() -> dict[str, Any]:
    """One policy document. It grants reading configuration, never data.

    It has one statement for all AWS services, as one for each would exceed the limit of a managed policy, and one for
    each action that reads data too.
    """
    free = sorted({_shortened(action) for action in actions() if action not in LIMITED})
    statement = {"Sid": "ReadSettings", "Effect": "Allow", "Action": free, "Resource": "*"}
    limited = [
        {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}
        for action, (sid, resource) in LIMITED.items()
    ]
    return {"Version": "2012-10-17", "Statement": [statement, *limited]}


def _shortened(action: str) -> str:
    service, _, name = action.partition(":")
    return f"{service}:List*" if service in LISTED_AS_A_WHOLE and name.startswith("List") else action

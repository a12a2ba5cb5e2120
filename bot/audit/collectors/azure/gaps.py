"""The kinds of facts that no call of this collector gives, each with its reason; and gaps of many resources as one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from bot.audit.collectors.azure.estate import SOURCE
from checks import Assessment, Fact, Gap, Pipeline, Quota, Secret, UserDirectory, Workflow

NOT_USED: Final = "no check uses it yet, so backstay does not read it"
"""The reason of a field that no verdict needs; it is not listed as unread."""
_APART: Final = 3  # resources with the same gap that are still listed one by one
_MISSING: Final[tuple[tuple[str, tuple[type[Fact], ...]], ...]] = (
    ("quotas and their usage are told by each resource provider for itself and are not read", (Quota,)),
    ("pipelines are in Azure DevOps or GitHub, which are not read", (Pipeline,)),
    ("secrets and their rotation are in the data plane of Key Vault, which is not read", (Secret,)),
    ("Logic Apps are not read", (Workflow,)),
    ("directories of Microsoft Entra External ID and Azure AD B2C are not read", (UserDirectory,)),
    (
        "recommendations of Azure Advisor, and goals of resiliency management with their attestations, are not read",
        (Assessment,),
    ),
)


def not_in_azure(subscription: str) -> Iterator[Gap]:
    """A gap of a subscription for each kind of fact that is not read."""
    for reason, kinds in _MISSING:
        yield Gap(SOURCE, SOURCE, subscription, "", reason, kinds)


def merged(gaps: Iterable[Gap]) -> Iterator[Gap]:
    """These gaps, where the same field of many resources is unread as one gap of their subscription and region.

    A gap that hides facts stays alone, for it is about one resource.
    """
    alike: dict[tuple[str, str, str, str], list[Gap]] = defaultdict(list)
    for gap in gaps:
        if gap.kinds:
            yield gap
        elif gap.reason != NOT_USED:
            alike[gap.account, gap.region, gap.reason, gap.action].append(gap)
    for found in alike.values():
        if len(found) <= _APART:
            yield from found
        else:
            yield replace(found[0], reason=f"{found[0].reason} ({len(found)} resources)", resource="", tags={})

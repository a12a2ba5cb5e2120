"""The names of regions, as each cloud writes them: `eu-west-1`, `europe-west4`, `westeurope`.

Sources: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html,
https://cloud.google.com/compute/docs/regions-zones and https://learn.microsoft.com/en-us/azure/reliability/regions-list.
"""

import re
from typing import Final

from bot.catalogue.problems import did_you_mean
from bot.catalogue.saas import AWS_REGION_SHAPE, AWS_REGIONS
from bot.catalogue.secrets import quote

_GOOGLE: Final = re.compile(
    r"(africa|asia|australia|europe|me|northamerica|southamerica|us)-(north|south|east|west|central)+\d{1,2}"
)
_AZURE: Final = re.compile(r"[a-z]*(north|south|east|west|central)[a-z]*\d?")
_AWS_WITHOUT_HYPHENS: Final = {region.replace("-", ""): region for region in AWS_REGIONS}


def region_name(text: str) -> str:
    """A region as its cloud writes it in its APIs: `West Europe` is `westeurope`."""
    return text.strip().lower().replace(" ", "")


def region_problem(provider: str, region: str) -> str:
    """What is wrong with a region's name, empty when nothing is. Only AWS's names are all known."""
    if provider != "aws" or region in AWS_REGIONS or region == "global" or AWS_REGION_SHAPE.fullmatch(region):
        return ""
    return f"AWS has no region {quote(region)}{did_you_mean(region, AWS_REGIONS)}"


def problem_in_any_cloud(region: str) -> str:
    """What is wrong with the name of a region of some cloud, empty when nothing is."""
    if not region_problem("aws", region) or _GOOGLE.fullmatch(region):
        return ""
    if _AZURE.fullmatch(region) and region not in _AWS_WITHOUT_HYPHENS:
        return ""
    return f"no cloud has a region {quote(region)}{did_you_mean(_AWS_WITHOUT_HYPHENS.get(region, region), AWS_REGIONS)}"

"""The names of clouds, AWS regions and well-known SaaS, so that a mistyped one is noticed while backstay.yaml is read."""

import re
from collections.abc import Mapping

from bot.catalogue.providers import known_providers

CLOUDS: Mapping[str, str] = {
    known_provider.name: known_provider.title for known_provider in known_providers().values() if known_provider.cloud
}

# https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html; one that is newer than this list
# is accepted with a warning when it is made of the same words.
AWS_REGIONS = frozenset(
    """
    us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 mx-central-1 sa-east-1
    eu-central-1 eu-central-2 eu-west-1 eu-west-2 eu-west-3 eu-north-1 eu-south-1 eu-south-2
    ap-east-1 ap-east-2 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4
    ap-southeast-5 ap-southeast-6 ap-southeast-7 ap-northeast-1 ap-northeast-2 ap-northeast-3
    af-south-1 il-central-1 me-central-1 me-south-1 cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1
    eusc-de-east-1
    """.split()  # noqa: SIM905 - names read best as words
)
AWS_REGION_SHAPE = re.compile(
    r"[a-z]{2,4}(-[a-z]{2,3})?-(north|south|east|west|central|(north|south)(east|west))-\d{1,2}"
)

# SaaS name -> the clouds that its loss has followed; empty where nothing dependable is known.
SAAS: Mapping[str, tuple[str, ...]] = {
    known_provider.name: known_provider.runs_on
    for known_provider in known_providers().values()
    if not known_provider.cloud
}
ALIASES: Mapping[str, str] = {
    alias: known_provider.name for known_provider in known_providers().values() for alias in known_provider.aliases
}

"""The region of an AWS Availability Zone, from the zone's name (`us-east-1a`) or its id (`use1-az4`)."""

import re

from bot.catalogue.saas import AWS_REGIONS

_NAME = re.compile(r"(?P<region>[a-z-]+-\d{1,2})[a-z]")
_ID = re.compile(r"(?P<code>[a-z]+\d{1,2})-az\d{1,2}")
_INITIALS = {"northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw"}


def region_of_zone(zone: str) -> str:
    """The region, empty where the word is no name and no id of a zone. `zone` in small letters.

    Ids are made of the region's initials (https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html).
    """
    if found := _NAME.fullmatch(zone):
        region = found["region"]
        return region if region in AWS_REGIONS else ""
    found = _ID.fullmatch(zone)
    return _CODES.get(found["code"], "") if found else ""


def _code(region: str) -> str:
    first, *middle, number = region.split("-")
    return first + "".join(_INITIALS.get(word, word[0]) for word in middle) + number


_CODES = {_code(region): region for region in AWS_REGIONS}

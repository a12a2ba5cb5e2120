"""The places of Google Cloud: zones, regions, and the regions that a multi-region or dual-region consists of.

Sources: Cloud Storage documentation, "Bucket locations"; Spanner documentation, "Regional, dual-region, and multi-region
configurations"; Firestore documentation, "Locations". A witness region holds no whole copy of the data and is left out.
"""

import re
from collections.abc import Mapping
from typing import Final

from checks import GLOBAL

_ZONE: Final = re.compile(r"([a-z]+-[a-z]+\d+)-[a-z]")
_REGION: Final = re.compile(r"[a-z]+-[a-z]+\d+")
_APP_ENGINE: Final = {"us-central": "us-central1", "europe-west": "europe-west1"}
"""App Engine writes these two without the number: its documentation, "App Engine locations"."""

BUCKET_REGIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "asia1": ("asia-northeast1", "asia-northeast2"),
    "eur4": ("europe-north1", "europe-west4"),
    "eur5": ("europe-west1", "europe-west2"),
    "eur7": ("europe-west2", "europe-west3"),
    "eur8": ("europe-west3", "europe-west6"),
    "nam4": ("us-central1", "us-east1"),
}
"""Predefined dual-regions of Cloud Storage. It does not tell which regions `us`, `eu` and `asia` use for a bucket."""

SPANNER_REGIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "asia1": ("asia-northeast1", "asia-northeast2"),
    "dual-region-australia1": ("australia-southeast1", "australia-southeast2"),
    "dual-region-germany1": ("europe-west10", "europe-west3"),
    "dual-region-india1": ("asia-south1", "asia-south2"),
    "dual-region-japan1": ("asia-northeast1", "asia-northeast2"),
    "eur3": ("europe-west1", "europe-west4"),
    "eur5": ("europe-west1", "europe-west2"),
    "eur6": ("europe-west3", "europe-west4"),
    "nam3": ("us-east1", "us-east4"),
    "nam6": ("us-central1", "us-east1", "us-west1", "us-west2"),
    "nam7": ("us-central1", "us-east4"),
    "nam8": ("us-west1", "us-west2"),
    "nam10": ("us-central1", "us-west3"),
}
"""Base configurations of Spanner with a copy in several regions, read-only ones included."""

FIRESTORE_REGIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "eur3": ("europe-west1", "europe-west4"),
    "nam5": ("us-central1", "us-central2"),
    "nam7": ("us-central1", "us-east4"),
}


def region_of(place: str) -> str:
    """The region of a zone or region, whichever address it is written in; `global` for a multi-region or no place."""
    word = place.rpartition("/")[2].lower()
    zone = _ZONE.fullmatch(word)
    if zone:
        return zone[1]
    word = _APP_ENGINE.get(word, word)
    return word if _REGION.fullmatch(word) else GLOBAL


def zone_in(place: str) -> tuple[str, ...]:
    """The zone that a name, address or location ends with, if it is one."""
    word = place.rpartition("/")[2].lower()
    return (word,) if _ZONE.fullmatch(word) else ()


def members_of(location: str, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The regions of a location of several regions: those that a table knows, else its own name; empty for a single region."""
    word = location.rpartition("/")[2].lower()
    return known.get(word) or ((word,) if word and region_of(word) == GLOBAL else ())

"""What a provider's page says -> signals and announced maintenance: its words for parts and places become scopes."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from bot.model import FeedReading, IncidentSeverity, IncidentState, ProviderIncident
from bot.model.incidents import Health, Signal
from bot.model.maintenance import MaintenanceWindow
from bot.model.thresholds import Thresholds
from checks import GLOBAL, Scope

_VENDOR = re.compile(r"^(amazon|aws|google cloud|google|azure|microsoft)\s+", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*\([^)]*\)")
_REGION = re.compile(r"\b([a-z]{2,4}(?:-[a-z]{2,4})?-[a-z]+-?\d{1,2})\b")
_NOT_PART = re.compile(r"[^a-z0-9]+")
# What pages call a product, and what facts call it.
_ALSO = {
    "simplestorageservice": "s3",
    "elasticcomputecloud": "ec2",
    "relationaldatabaseservice": "rds",
    "simplequeueservice": "sqs",
    "simplenotificationservice": "sns",
    "elasticloadbalancing": "elasticloadbalancing",
    "elasticcontainerservice": "ecs",
    "elastickubernetesservice": "eks",
    "securitytokenservice": "sts",
    "identityandaccessmanagement": "iam",
    "keymanagementservice": "kms",
    "simpleemailservice": "ses",
    "cloudstorage": "storage",
    "computeengine": "compute",
}


def signals_of(
    reading: FeedReading, places: Collection[Scope], now: datetime, policy: Thresholds | None = None
) -> tuple[Signal, ...]:
    """One signal for each scope that an incident of the page names. A page that could not be read says nothing.

    Args:
        reading: a poll of one feed.
        places: scopes that our services stand in: where a page names no region, those of its product are meant.
        now: UTC.
        policy: the numbers.
    """
    policy = policy or Thresholds()
    if reading.error or reading.read_at is None:
        return ()
    return tuple(
        signal
        for incident in reading.incidents
        if not incident.maintenance and not _long_over(incident, now, policy)
        for signal in _of_incident(incident, reading, places, now, policy)
    )


def windows_of(reading: FeedReading, places: Collection[Scope]) -> tuple[MaintenanceWindow, ...]:
    """Maintenance that the page announces, where it says from when until when."""
    return tuple(
        MaintenanceWindow(scope, incident.started_at, incident.ends_at, incident.title)
        for incident in reading.incidents
        if incident.maintenance and incident.started_at and incident.ends_at
        for scope in scopes_of(incident, reading.provider, places)
    )


def product(words: str) -> str:
    """`Amazon DynamoDB (N. Virginia)` -> `dynamodb`."""
    plain = _NOT_PART.sub("", _VENDOR.sub("", _BRACKETS.sub("", words).strip()).lower())
    return _ALSO.get(plain, plain)


def scopes_of(incident: ProviderIncident, provider: str, places: Collection[Scope]) -> tuple[Scope, ...]:
    """What the incident is about, in our words. A SaaS is one scope, whatever part of it is named."""
    provider = (incident.provider or provider).lower()
    mine = [place for place in places if place.provider == provider and place.region]
    if not mine and not incident.regions:
        return (Scope(provider),)
    parts = [part for part in map(product, incident.services) if part]
    regions = [region for words in incident.regions for region in _region(words)]
    if not regions:
        regions = sorted({place.region for place in mine if place.part in parts}) or [GLOBAL]
    return tuple(dict.fromkeys(Scope(provider, region, part) for region in regions for part in parts or ("",)))


def _region(words: str) -> Iterable[str]:
    """`us-east-1`, and out of `N. Virginia (us-east-1)`; other words are kept as they are, without spaces (`westus`)."""
    found = _REGION.findall(words.lower())
    return found or [_NOT_PART.sub("", words.lower()) or GLOBAL]


def _of_incident(
    incident: ProviderIncident, reading: FeedReading, places: Collection[Scope], now: datetime, policy: Thresholds
) -> Iterator[Signal]:
    severity = incident.severity or IncidentSeverity.MINOR
    state = _state(incident, now, policy)
    for scope in scopes_of(incident, reading.provider, places):
        yield Signal(
            provider=scope.provider,
            region=scope.region,
            service=scope.part,
            kind="feed",
            state=state,
            at=reading.read_at or now,
            source=f"{reading.format}:{incident.provider or reading.provider}/{incident.id}",
            severity=severity,
            detail=incident.title,
            url=incident.url or "",
        )


def _long_over(incident: ProviderIncident, now: datetime, policy: Thresholds) -> bool:
    """Pages list years of history: what was over before anything that is open here began says nothing any more."""
    ended = incident.resolved_at or incident.updated_at or incident.started_at
    return not incident.open and ended is not None and now - ended > policy.word_lasts


def _state(incident: ProviderIncident, now: datetime, policy: Thresholds) -> Health:
    if not incident.open:
        return Health.GOOD
    touched = incident.updated_at or incident.started_at
    if touched is not None and now - touched > policy.word_lasts:
        return Health.UNKNOWN  # pages keep incidents open for months
    harmless = incident.severity is IncidentSeverity.NONE and incident.state is not IncidentState.INVESTIGATING
    return Health.GOOD if harmless else Health.BAD

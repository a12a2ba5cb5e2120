"""Turns what a provider's page lists into signals and maintenance windows: its names of products and regions become scopes."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from bot.model import FeedReading, IncidentSeverity, IncidentState, ProviderIncident
from bot.model.maintenance import MaintenanceWindow
from bot.model.signals import Health, Signal
from bot.model.thresholds import Thresholds
from checks import GLOBAL, Scope

_VENDOR = re.compile(r"^(amazon|aws|google cloud|google|azure|microsoft)\s+", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*\([^)]*\)")
_REGION = re.compile(r"\b([a-z]{2,4}(?:-[a-z]{2,4})?-[a-z]+-?\d{1,2})\b")
_NOT_PART = re.compile(r"[^a-z0-9]+")
_CLOUDS = frozenset({"aws", "azure", "gcp"})
_DOWNTIME = re.compile(
    r"\b(?:downtime|unavailable|offline|outage|interruptions?|not be (?:available|accessible|reachable)|inaccessible|"
    r"taken down|be down)\b",
    re.IGNORECASE,
)
_NO_DOWNTIME = re.compile(
    r"\b(?:no|without|not expect\w*|do not anticipate|zero)\b[^.]{0,40}\b(?:downtime|outage|interruptions?|impact)",
    re.IGNORECASE,
)
_UPDATES = 3
# Names of products on status pages -> the names that facts use.
_ALIASES = {
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
    reading: FeedReading, places: Collection[Scope], now: datetime, thresholds: Thresholds | None = None
) -> tuple[Signal, ...]:
    """Return a signal for each scope that an incident of the page names; none if the page could not be read.

    Args:
        reading: the result of polling one feed.
        places: scopes that our services run in: an incident without a region applies to those with its product.
        now: UTC.
        thresholds: the engine's thresholds; by default the built-in ones.
    """
    thresholds = thresholds or Thresholds()
    if reading.error or reading.read_at is None:
        return ()
    return tuple(
        signal
        for incident in reading.incidents
        if not incident.maintenance and not incident.test and not _long_over(incident, now, thresholds)
        for signal in _of_incident(incident, reading, places, now, thresholds)
    )


def windows_of(reading: FeedReading, places: Collection[Scope]) -> tuple[MaintenanceWindow, ...]:
    """Return the maintenance windows that the page announces with a start and an end."""
    return tuple(
        MaintenanceWindow(
            scope,
            incident.started_at,
            incident.ends_at,
            incident.title,
            parts=parts_of(incident, reading.provider, places),
            predicts_downtime=_predicts_downtime(incident),
        )
        for incident in reading.incidents
        if incident.maintenance and incident.started_at and incident.ends_at
        for scope in scopes_of(incident, reading.provider, places)
    )


def _predicts_downtime(incident: ProviderIncident) -> bool:
    texts = (incident.title, *(update.text for update in incident.updates))
    return any(_DOWNTIME.search(text) and not _NO_DOWNTIME.search(text) for text in texts)


def product_name(words: str) -> str:
    """The product's name as facts write it: `Amazon DynamoDB (N. Virginia)` -> `dynamodb`."""
    plain = _NOT_PART.sub("", _VENDOR.sub("", _BRACKETS.sub("", words).strip()).lower())
    return _ALIASES.get(plain, plain)


def scopes_of(incident: ProviderIncident, provider: str, places: Collection[Scope]) -> tuple[Scope, ...]:
    """The scopes that an incident affects: region and product of a cloud; of a SaaS its regions, and all of it where it has none.

    The parts of a SaaS that an incident names are in `parts_of`.
    """
    provider = (incident.provider or provider).lower()
    mine = [place for place in places if place.provider == provider and place.region]
    if not mine and not incident.regions:
        return (Scope(provider),)
    parts = [part for part in map(product_name, incident.services) if part] if _by_product(provider, mine) else []
    known = {_squeezed(place.region): place.region for place in mine}
    regions = [known.get(_squeezed(region), region) for words in incident.regions for region in _region(words)]
    if not regions and not _by_product(provider, mine):
        return (Scope(provider),)
    if not regions:
        regions = sorted({place.region for place in mine if place.part in parts}) or [GLOBAL]
    return tuple(dict.fromkeys(Scope(provider, region, part) for region in regions for part in parts or ("",)))


def parts_of(incident: ProviderIncident, provider: str, places: Collection[Scope]) -> tuple[str, ...]:
    """The components that an incident names, as the page writes them; none for a cloud, whose products are in its scopes."""
    provider = (incident.provider or provider).lower()
    mine = [place for place in places if place.provider == provider and place.region]
    if _by_product(provider, mine):
        return ()
    # A page may list its regions among its components.
    regions = {_squeezed(region) for region in incident.regions}
    return tuple(dict.fromkeys(name for name in incident.services if _squeezed(name) not in regions))


def _by_product(provider: str, mine: Iterable[Scope]) -> bool:
    """Whether facts name the products of this provider."""
    return provider in _CLOUDS or any(place.part for place in mine)


def _region(words: str) -> Iterable[str]:
    """The regions in a text (`N. Virginia (us-east-1)` -> `us-east-1`); other names lose their spaces (`West US` -> `westus`)."""
    found = _REGION.findall(words.lower())
    return found or [_squeezed(words) or GLOBAL]


def _squeezed(words: str) -> str:
    return _NOT_PART.sub("", words.lower())


def _of_incident(
    incident: ProviderIncident, reading: FeedReading, places: Collection[Scope], now: datetime, thresholds: Thresholds
) -> Iterator[Signal]:
    severity = incident.severity or _unnamed_severity(incident)
    parts = parts_of(incident, reading.provider, places)
    state = _state(incident, now, thresholds)
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
            began=incident.started_at,
            parts=parts,
            progress=incident.state,
            updates=incident.updates[:_UPDATES],
        )


def _unnamed_severity(incident: ProviderIncident) -> IncidentSeverity:
    """The severity where the page gives none: an incident that somebody works on counts as major, a mere post as minor."""
    return IncidentSeverity.MINOR if incident.state is None else IncidentSeverity.MAJOR


def _long_over(incident: ProviderIncident, now: datetime, thresholds: Thresholds) -> bool:
    """Whether the incident was resolved too long ago to matter; pages list years of history."""
    ended = incident.resolved_at or incident.updated_at or incident.started_at
    return not incident.open and ended is not None and now - ended > thresholds.word_lasts


def _state(incident: ProviderIncident, now: datetime, thresholds: Thresholds) -> Health:
    if not incident.open:
        return Health.GOOD
    changed_at = incident.updated_at or incident.started_at
    if changed_at is not None and now - changed_at > thresholds.word_lasts:
        return Health.UNKNOWN  # pages may keep incidents open for months
    harmless = incident.severity is IncidentSeverity.NONE and incident.state is not IncidentState.INVESTIGATING
    return Health.GOOD if harmless else Health.BAD

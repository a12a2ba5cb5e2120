"""Finds the scope that an alert is about from its labels, tags and dimensions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.catalogue import known_providers
from bot.detection.feeds.to_signals import product_name
from checks import GLOBAL, Network, Scope, Seen

# Label keys, in order of precedence.
_SCOPE = ("backstay_scope",)
_OWN = (
    "backstay_service", "service", "service_name", "app", "application", "app_kubernetes_io_name",
    "app_kubernetes_io_part_of", "component", "workload", "job",
)  # fmt: skip
_PROVIDER = ("provider", "cloud_provider", "cloud")
_REGION = ("region", "aws_region", "cloud_region", "awsregion", "topology_kubernetes_io_region", "location")
_ZONE = (
    "availability_zone", "availabilityzone", "availability_zone_id", "cloud_availability_zone", "az", "zone_id", "zone",
    "topology_kubernetes_io_zone",
)  # fmt: skip
_NAMESPACE = ("aws_namespace", "namespace", "metric_namespace")
_PRODUCT = ("product", "cloud_service", "aws_service", "cloud_product", "service", "service_name")
_SAAS = ("provider", "vendor", "dependency", "upstream", "service", "service_name")

_AWS_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,4})?-[a-z]+-\d{1,2}")
_AWS_ZONE = re.compile(rf"({_AWS_REGION.pattern})[a-z]")
_GOOGLE_ZONE = re.compile(r"([a-z]+-[a-z]+\d+)-[a-z]")
_ANY_REGION = re.compile(r"[a-z][a-z0-9-]{1,39}")
_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")

# CloudWatch namespaces -> the product as named in facts, if it differs from the namespace:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
_NAMESPACES: Mapping[str, str] = {
    "amazonmq": "mq",
    "applicationelb": "elasticloadbalancing",
    "ec2spot": "ec2",
    "elb": "elasticloadbalancing",
    "es": "opensearch",
    "events": "eventbridge",
    "gatewayelb": "elasticloadbalancing",
    "natgateway": "vpc",
    "networkelb": "elasticloadbalancing",
    "transitgateway": "vpc",
    "vpn": "vpc",
}
_OUTSIDE: Mapping[str, str] = {"containerinsights": "eks", "ecs/containerinsights": "ecs"}
_EVERYWHERE = frozenset(("cloudfront", "route53", "iam"))
_AWS_PRODUCTS = frozenset(
    "apigateway athena autoscaling cloudfront cloudwatch cognito dax docdb dynamodb ebs ec2 ecr ecs efs eks "  # noqa: SIM905 - names read best as words
    "elasticache elasticloadbalancing eventbridge firehose glue iam kafka kinesis kms lambda memorydb mq msk neptune "
    "opensearch rds redshift route53 s3 secretsmanager ses sns sqs ssm states sts vpc".split()
)


class PlaceError(Exception):
    """A label that is meant to name the alert's scope cannot be used; the text says what to write."""


@dataclass(frozen=True, slots=True)
class PlacementNames:
    """Names of our services in lower case, and zones: name or id -> region and id, if it is the same in all accounts."""

    services: frozenset[str] = frozenset()
    zones: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, seen: Iterable[Seen]) -> "PlacementNames":
        """The names in the estate as it was last read."""
        services: set[str] = set()
        found: dict[str, set[tuple[str, str]]] = {}
        for estate in seen:
            services.add(estate.service.name.lower())
            for fact in estate.facts:
                if isinstance(fact, Network):
                    for name, zone in fact.zone_names.items():
                        for word in (name.lower(), zone.lower()):
                            found.setdefault(word, set()).add((fact.region.lower(), zone.lower()))
        # A zone's name means different zones in different accounts.
        return cls(frozenset(services), {word: next(iter(are)) for word, are in found.items() if len(are) == 1})


def scope_of_labels(labels: Mapping[str, str], names: PlacementNames) -> Scope | None:
    """Return the scope that the labels are about; None if they name neither one of our services nor a place.

    Our services take precedence. A region or zone alone is a scope only if the label `provider` is set too: many systems add
    `cloud`, `region` and `zone` to everything they measure, and a full disk is not the loss of a region.

    Args:
        labels: keys in `label_key`'s spelling.
        names: the names of our services and zones.

    Raises:
        PlaceError: `backstay_scope` is not a scope.
    """
    if written := _first(labels, _SCOPE):
        return _explicit(written, names)
    for name in _OWN:
        if labels.get(name, "").lower() in names.services:
            return Scope(labels[name].lower())
    return _of_cloud(labels, names) or _of_saas(labels)


_NOT_A_SCOPE = "backstay_scope is not a scope; write provider/region/product or the name of a service"


def _explicit(written: str, names: PlacementNames) -> Scope:
    if written.lower() in names.services:
        return Scope(written.lower())
    try:
        made = Scope.parse(written)
    except ValueError:
        raise PlaceError(_NOT_A_SCOPE) from None
    if not all(_PART.fullmatch(step) for step in made.steps):
        raise PlaceError(_NOT_A_SCOPE)
    return made


def _first(labels: Mapping[str, str], keys: Iterable[str]) -> str:
    return next((labels[key] for key in keys if key in labels), "")


def _of_cloud(labels: Mapping[str, str], names: PlacementNames) -> Scope | None:
    part = _aws_part(_first(labels, _NAMESPACE))
    named = _provider(_first(labels, _PROVIDER))
    provider = "aws" if part else named
    if provider and not _is_cloud(provider):
        return None
    zone_region, zone = _zone(_first(labels, _ZONE), _first(labels, _REGION), provider, names)
    region = _region(_first(labels, _REGION), provider) or zone_region
    part = part or _part(_first(labels, _PRODUCT), provider)
    provider = provider or ("aws" if part and _AWS_REGION.fullmatch(region) else "")
    if provider == "aws" and part in _EVERYWHERE:
        return Scope("aws", GLOBAL, part)
    if not provider or not region:
        return None
    explicit = bool(named) and "provider" in labels
    return Scope(provider, region, part or zone) if part or explicit else None


def _of_saas(labels: Mapping[str, str]) -> Scope | None:
    found = (_provider(labels[key]) for key in _SAAS if key in labels)
    return next((Scope(name) for name in found if name and not _is_cloud(name)), None)


def _aws_part(namespace: str) -> str:
    """The product of a CloudWatch namespace; empty for other values, since Kubernetes has a label of the same name."""
    low = namespace.lower()
    if low in _OUTSIDE:
        return _OUTSIDE[low]
    first, _, rest = low.partition("/")
    if first != "aws" or not _PART.fullmatch(rest):
        return ""
    return _NAMESPACES.get(rest, rest)


def _provider(word: str) -> str:
    low = word.strip().lower()
    if low in known_providers():
        return low
    return _ALIASES.get(low) or next(
        (provider.name for provider in known_providers().values() if low in provider.aliases), ""
    )


_ALIASES = {"amazon": "aws", "google": "gcp", "google cloud": "gcp", "google_cloud": "gcp", "microsoft azure": "azure"}


def _is_cloud(provider: str) -> bool:
    known = known_providers().get(provider)
    return known is not None and known.cloud


def _region(word: str, provider: str) -> str:
    low = word.strip().lower()
    shape = _AWS_REGION if provider in ("", "aws") else _ANY_REGION
    return low if shape.fullmatch(low) or low == GLOBAL else ""


def _zone(word: str, region: str, provider: str, names: PlacementNames) -> tuple[str, str]:
    """The region and id of a zone (its name if the id is unknown); both empty if it is not a zone.

    Azure's zone `1` of West Europe is also written `westeurope-1`.
    """
    low, where = word.strip().lower(), region.strip().lower()
    if provider == "azure":
        told, _, number = low.rpartition("-")
        return (told or where, number) if number in ("1", "2", "3") and (told or where) else ("", "")
    if provider == "gcp":
        found = _GOOGLE_ZONE.fullmatch(low)
        return (found[1], low) if found else ("", "")
    if low in names.zones:
        return names.zones[low]
    match = _AWS_ZONE.fullmatch(low)
    return (match[1], low) if match else ("", "")


def _part(word: str, provider: str) -> str:
    """A product; without a provider, only one that is known to be AWS's. Empty if it is neither."""
    found = product_name(word)
    if not _PART.fullmatch(found):
        return ""
    return found if provider not in ("", "aws") or found in _AWS_PRODUCTS else ""

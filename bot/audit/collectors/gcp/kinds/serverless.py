"""Cloud Run, Cloud Functions and App Engine, each of which runs in all zones of its region.

Shapes: Cloud Run Admin API v1 (Knative's) and v2, Cloud Functions API v1 and v2, App Engine Admin API v1.
"""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.engine.google_places import region_of
from bot.audit.collectors.gcp.asset import Asset, key_of
from bot.audit.collectors.gcp.kinds_of import kind
from checks import ComputeGroup, ComputeKind, Fact

_APPLICATION: Final = "appengine.googleapis.com/Application"
_MOST: Final = 100  # instances of a Cloud Run revision unless set (Cloud Run documentation, "Set maximum instances")
JOINED = (_APPLICATION,)


def _service(asset: Asset) -> Iterable[Fact]:
    """A Cloud Run service. One that Cloud Functions made is its function's."""
    if asset.identity.tags.get("goog-managed-by") == "cloudfunctions":
        return
    noted = asset.labels("spec.template.metadata.annotations")
    v2 = asset.row("template.scaling")
    least = noted.get("autoscaling.knative.dev/minScale") or v2.text("minInstanceCount", "0")
    most = noted.get("autoscaling.knative.dev/maxScale") or v2.text("maxInstanceCount") or str(_MOST)
    yield asset.fact(
        ComputeGroup,
        product="cloud-run",
        kind=ComputeKind.CONTAINERS,
        zone_redundant=True,
        min_size=int(least),
        max_size=int(most),
        traffic=True,
    )


def _job(asset: Asset) -> Iterable[Fact]:
    """A Cloud Run job, which runs when it is started."""
    yield asset.fact(ComputeGroup, product="cloud-run", kind=ComputeKind.CONTAINERS, zone_redundant=True, traffic=False)


def _function(asset: Asset) -> Iterable[Fact]:
    """A function of either generation."""
    yield asset.fact(
        ComputeGroup,
        product="cloudfunctions",
        kind=ComputeKind.FUNCTION,
        zone_redundant=True,
        runtime=asset.text("runtime") or asset.text("buildConfig.runtime"),
        encryption_key=key_of(asset.text("kmsKeyName")),
        status=asset.text("state") or asset.text("status"),
    )


def _app_engine(asset: Asset) -> Iterable[Fact]:
    """A service of App Engine, in the region of its application."""
    application = asset.estate.find(asset.identity.resource.partition("/services/")[0], _APPLICATION)
    place = application.text("locationId") if application else ""
    yield asset.fact(
        ComputeGroup,
        product="appengine",
        region=region_of(place) if place else asset.identity.region,
        kind=ComputeKind.CONTAINERS,
        zone_redundant=True,
        traffic=True,
        status="DISABLED" if application and application.text("servingStatus").endswith("DISABLED") else "",
    )


KINDS = (
    kind("run.googleapis.com/Service", (ComputeGroup,), _service),
    kind("run.googleapis.com/Job", (ComputeGroup,), _job),
    kind("cloudfunctions.googleapis.com/CloudFunction", (ComputeGroup,), _function),
    kind("cloudfunctions.googleapis.com/Function", (ComputeGroup,), _function),
    kind("appengine.googleapis.com/Service", (ComputeGroup,), _app_engine),
)

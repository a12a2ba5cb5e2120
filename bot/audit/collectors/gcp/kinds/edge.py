"""Cloud CDN, and gateways of API Gateway and Apigee. Shapes: Compute Engine API v1, `backendServices` and `backendBuckets`;
API Gateway API v1, `gateways`; Apigee API v1, `organizations.instances`.
"""  # noqa: D205 - the first sentence names all of them

from collections.abc import Iterable

from bot.audit.collectors.engine.google_places import region_of
from bot.audit.collectors.gcp.asset import Asset
from bot.audit.collectors.gcp.kinds.compute import BACKENDS
from bot.audit.collectors.gcp.kinds_of import kind
from checks import GLOBAL, Distribution, Fact, Gateway


def _service(asset: Asset) -> Iterable[Fact]:
    """A backend service behind Cloud CDN. The load balancer takes another group where those of one region fail."""
    if not asset.flag("enableCDN"):
        return
    groups = [row.text("group") for row in asset.rows("backends")]
    regions = {region_of(word) for group in groups for word in group.split("/")} - {GLOBAL}
    yield asset.fact(
        Distribution,
        product="cdn",
        region=GLOBAL,
        origins=tuple(f"//compute.googleapis.com/{asset.estate.path(group)}" for group in groups),
        origin_failover=len(regions) > 1,
        takes_writes=True,
    )


def _bucket(asset: Asset) -> Iterable[Fact]:
    """A bucket behind Cloud CDN."""
    if not asset.flag("enableCdn"):
        return
    bucket = asset.text("bucketName")
    yield asset.fact(
        Distribution,
        product="cdn",
        region=GLOBAL,
        origins=(f"//storage.googleapis.com/{bucket}",) if bucket else (),
    )


def _gateway(asset: Asset) -> Iterable[Fact]:
    """A gateway, which runs in one region."""
    product = asset.resource_type.partition(".")[0]
    yield asset.fact(Gateway, product=product, kind="regional", status=asset.text("state"))


KINDS = (
    *(kind(name, (Distribution,), _service) for name in BACKENDS),
    kind("compute.googleapis.com/BackendBucket", (Distribution,), _bucket),
    kind("apigateway.googleapis.com/Gateway", (Gateway,), _gateway),
    kind("apigee.googleapis.com/Instance", (Gateway,), _gateway),
)

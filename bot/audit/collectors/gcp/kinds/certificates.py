"""Certificates of load balancers. Shapes: Compute Engine API v1, `sslCertificates`; Certificate Manager API v1, `certificates`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.audit.collectors.gcp.asset import Asset
from bot.audit.collectors.gcp.kinds_of import kind
from checks import Certificate, Fact, Maybe, Unread

_ENTRY: Final = "certificatemanager.googleapis.com/CertificateMapEntry"
PROXIES: Final = ("compute.googleapis.com/TargetHttpsProxy", "compute.googleapis.com/TargetSslProxy")
JOINED = (_ENTRY, *PROXIES, "compute.googleapis.com/HealthCheck")


def _of_compute(asset: Asset) -> Iterable[Fact]:
    """A certificate that target proxies name themselves."""
    managed = asset.text("type") == "MANAGED"
    yield asset.fact(
        Certificate,
        product="load-balancing",
        expires_at=_expiry(asset, issued=not managed or asset.text("managed.status") == "ACTIVE"),
        renews_itself=managed,
        in_use=any(asset.naming_this(name, "sslCertificates") for name in PROXIES),
    )


def _of_manager(asset: Asset) -> Iterable[Fact]:
    """A certificate that target proxies name, or a map that they use."""
    managed = asset.value("managed") is not None
    direct = any(asset.naming_this(name, "certificateManagerCertificates") for name in PROXIES)
    yield asset.fact(
        Certificate,
        product="certificatemanager",
        expires_at=_expiry(asset, issued=not managed or asset.text("managed.state") == "ACTIVE"),
        renews_itself=managed,
        in_use=direct or bool(asset.rows("usedBy")) or bool(asset.naming_this(_ENTRY, "certificates")),
    )


def _expiry(asset: Asset, *, issued: bool) -> Maybe[datetime | None]:
    """The end of a certificate; None for one that was never issued."""
    end = asset.maybe(asset.when, "expireTime")
    return Unread("the listing tells no end of this certificate") if end is None and issued else end


KINDS = (
    kind("compute.googleapis.com/SslCertificate", (Certificate,), _of_compute),
    kind("certificatemanager.googleapis.com/Certificate", (Certificate,), _of_manager),
)

"""PersistentVolumes that exist in one zone with their snapshots, and cert-manager's Certificates.

Source: https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-v1/,
https://kubernetes.io/docs/concepts/storage/volume-snapshots/ and https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bot.audit.collectors.engine.kinds import Kind
from bot.audit.collectors.kubernetes.linked import LinkedObject, linked
from bot.audit.collectors.kubernetes.zones import volume_zones
from checks import Certificate, Fact, Unread, Volume

_GIB: Final = 1 << 30
_UNITS: Final = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15} | {
    f"{letter}i": 1 << 10 * power for power, letter in enumerate("KMGTP", 1)
}
_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)([kKMGTP]?i?)")
_BY_THE_CLOUD: Final = Unread(
    "no VolumeSnapshot; snapshots of persistent volumes that their cloud takes are not listed by the cluster"
)


def _volume(item: LinkedObject) -> Iterator[Fact]:
    zones = volume_zones(item, item.identity.region, item.view.zone_of_node)
    if len(zones) == 1:
        yield item.fact(
            Volume,
            product="persistentvolume",
            status=item.text("status.phase"),
            zone=zones[0],
            size_gib=gibibytes(item.text("spec.capacity.storage")),
            attached_to=item.view.claimed_by(item.text("spec.claimRef.namespace"), item.text("spec.claimRef.name")),
            last_snapshot_at=_snapshot(item) or item.view.unread("VolumeSnapshot") or _BY_THE_CLOUD,
        )


def _snapshot(item: LinkedObject) -> datetime | None:
    """When its claim was last copied by a VolumeSnapshot; what its cloud copies on its own is not known."""
    return item.view.snapshot_of(item.text("spec.claimRef.namespace"), item.text("spec.claimRef.name"))


def gibibytes(quantity: str) -> int:
    """A quantity of Kubernetes (`100Gi`, `5G`, `1024`) in GiB, rounded down; 0 for any other text."""
    found = _QUANTITY.fullmatch(quantity)
    return int(float(found[1]) * _UNITS.get(found[2], 0)) // _GIB if found else 0


def _certificate(item: LinkedObject) -> Iterator[Fact]:
    yield item.fact(
        Certificate,
        product="certmanager",
        expires_at=item.when("status.notAfter"),
        renews_itself=True,
        in_use=item.view.unread("Ingress") or item.view.tls_secret(item.namespace, item.text("spec.secretName")),
    )


KINDS = (
    Kind("PersistentVolume", (Volume,), linked(_volume)),
    Kind("Certificate", (Certificate,), linked(_certificate)),
)

"""Buckets, Pub/Sub, keys and secrets. Shapes: Cloud Storage API v1, Pub/Sub API v1, Secret Manager API v1, Cloud KMS API v1."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from bot.audit.collectors.engine.google_places import BUCKET_REGIONS, members_of, region_of
from bot.audit.collectors.gcp.asset import Asset, key_of
from bot.audit.collectors.gcp.kinds_of import kind
from bot.audit.collectors.gcp.moments import duration_of
from checks import GLOBAL, EncryptionKey, Fact, ObjectStore, Queue, Secret, Topic, Unread

_SUBSCRIPTION: Final = "pubsub.googleapis.com/Subscription"
_DAY: Final = 86_400  # seconds
_KEPT: Final = timedelta(days=7)  # how long a subscription keeps messages unless set

_SCHEDULED: Final = timedelta(days=30)  # between the destruction of a key version and its end, unless set


def _bucket(asset: Asset) -> Iterable[Fact]:
    """A bucket: its location is a region, a pair of regions or a multi-region."""
    location = (asset.text("location") or asset.location).lower()
    pair = tuple(sorted(name.lower() for name in asset.texts("customPlacementConfig.dataLocations")))
    yield asset.fact(
        ObjectStore,
        product="storage",
        region=region_of(location),
        versioning=bool(asset.flag("versioning.enabled")),
        replica_regions=pair or (members_of(location, BUCKET_REGIONS) if location else asset.missing("location")),
        zone_redundant=asset.text("storageClass").upper() != "RAPID",  # the class of zonal buckets
        soft_delete_days=(asset.number("softDeletePolicy.retentionDurationSeconds") or 0) // _DAY,
        object_lock=bool(asset.flag("retentionPolicy.isLocked")),
        lifecycle=bool(asset.rows("lifecycle.rule")),
        encryption_key=key_of(asset.text("encryption.defaultKmsKeyName")),
    )


def _topic(asset: Asset) -> Iterable[Fact]:
    """A topic with its subscriptions, as far as they are in the parents that are read."""
    count = len(asset.naming_this(_SUBSCRIPTION, "topic"))
    yield asset.fact(
        Topic, product="pubsub", region=GLOBAL, subscriptions=count, encryption_key=key_of(asset.text("kmsKeyName"))
    )


def _subscription(asset: Asset) -> Iterable[Fact]:
    """A subscription, which keeps what its reader has not acknowledged."""
    topic = asset.text("topic")
    yield asset.fact(
        Queue,
        product="pubsub",
        region=GLOBAL,
        dead_letter=bool(asset.text("deadLetterPolicy.deadLetterTopic")),
        is_dead_letter=bool(asset.estate.naming(topic, _SUBSCRIPTION, "deadLetterPolicy.deadLetterTopic")),
        retention=duration_of(asset.text("messageRetentionDuration")) or _KEPT,
    )


def _secret(asset: Asset) -> Iterable[Fact]:
    """A secret: replicated by Google, to the regions that its owner names, or kept in its own region alone."""
    regions = tuple(sorted(row.text("location") for row in asset.rows("replication.userManaged.replicas")))
    key = "replication.automatic.customerManagedEncryption.kmsKeyName"
    yield asset.fact(
        Secret,
        product="secretmanager",
        region=regions[0] if regions else asset.identity.region,
        replica_regions=regions[1:],
        rotates=asset.value("rotation") is not None,
        encryption_key=key_of(asset.text(key) or asset.text("customerManagedEncryption.kmsKeyName")),
    )


def _key(asset: Asset) -> Iterable[Fact]:
    """A key. Its primary version tells whether it works; a key for signing has none, and is judged by no version here."""
    state = asset.text("primary.state")
    unknown = Unread("the key has no primary version, and its other versions were not read")
    yield asset.fact(
        EncryptionKey,
        product="kms",
        multi_region=asset.identity.region == GLOBAL,
        replica_regions=members_of(asset.location, BUCKET_REGIONS),
        enabled=state == "ENABLED" if state else unknown,
        pending_deletion=state in ("DESTROY_SCHEDULED", "DESTROYED") if state else unknown,
        recovery_days=(duration_of(asset.text("destroyScheduledDuration")) or _SCHEDULED).days,
    )


KINDS = (
    kind("storage.googleapis.com/Bucket", (ObjectStore,), _bucket),
    kind("pubsub.googleapis.com/Topic", (Topic,), _topic),
    kind(_SUBSCRIPTION, (Queue,), _subscription),
    kind("secretmanager.googleapis.com/Secret", (Secret,), _secret),
    kind("cloudkms.googleapis.com/CryptoKey", (EncryptionKey,), _key),
)

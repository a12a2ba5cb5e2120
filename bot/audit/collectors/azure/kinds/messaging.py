"""Service Bus and Event Hubs: namespaces with their pairs, queues, topics and retention (REST references, "Namespaces - Get").

Queues, topics and hubs are parts of a namespace that Resource Graph does not have.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final, TypeVar

from bot.audit.collectors.azure.estate import AzureResource, regions_of
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.engine.azure_regions import azure_region
from bot.audit.collectors.engine.iso_durations import duration
from bot.audit.collectors.engine.row import Row
from checks import Capacity, Datastore, Fact, Maybe, Queue, StoreKind, StreamRetention, Topic, Unread

F = TypeVar("F", bound=Fact)
_PAIRS: Final = "disasterRecoveryConfigs"


def _service_bus(namespace: AzureResource) -> Iterable[Fact]:
    """A namespace with its queues, each of which has a dead-letter queue of its own, and its topics."""
    yield _namespace(namespace, "servicebus", "servicebus")
    for queue in _parts(namespace, "queues"):
        limit = duration(queue.text("properties.defaultMessageTimeToLive"))
        yield _part(Queue, namespace, queue, dead_letter=True, retention=limit)
    for topic in _parts(namespace, "topics"):
        yield _part(Topic, namespace, topic, subscriptions=topic.number("properties.subscriptionCount") or 0)


def _event_hubs(namespace: AzureResource) -> Iterable[Fact]:
    """A namespace with the retention of its hubs. Kafka clients can use every tier but Basic."""
    basic = namespace.text("sku.name", "Standard").lower() == "basic"
    yield _namespace(namespace, "eventhubs", "eventhubs" if basic else "kafka")
    for hub in _parts(namespace, "eventhubs"):
        hours = hub.number("properties.retentionDescription.retentionTimeInHours")
        days = hub.number("properties.messageRetentionInDays")
        period: Maybe[timedelta] = Unread("the answer has no retention")
        if hours or days:
            period = timedelta(hours=hours) if hours else timedelta(days=days or 0)
        yield _part(StreamRetention, namespace, hub, period=period, about=(namespace.arm,))


def _parts(namespace: AzureResource, suffix: str) -> Iterator[Row]:
    listed = namespace.detail(suffix)
    yield from () if isinstance(listed, Unread) else listed.rows("value")


def _part(fact: type[F], namespace: AzureResource, part: Row, **fields: object) -> F:
    """A fact of a part of a namespace, which has its region and tags."""
    product = "servicebus" if "servicebus" in namespace.resource_type else "eventhubs"
    status = part.text("properties.status")
    name, arm = part.text("name"), part.text("id").lower()
    return namespace.fact(fact, product=product, resource=arm, name=name, status=status, **fields)


def _namespace(namespace: AzureResource, product: str, engine: str) -> Datastore:
    redundant = namespace.flag("properties.zoneRedundant")
    inflates = namespace.flag("properties.isAutoInflateEnabled")
    return namespace.fact(
        Datastore,
        product=product,
        kind=StoreKind.STREAM,
        engine=engine,
        status=namespace.text("properties.status") or namespace.text("properties.provisioningState"),
        zone_redundant=namespace.missing("properties.zoneRedundant") if redundant is None else redundant,
        replica_of=_main(namespace),
        replica_regions=_replicas(namespace),
        deletion_protection=namespace.locked,
        capacity=Capacity.AUTOSCALED if inflates else None,
    )


def _pairs(namespace: AzureResource, *roles: str) -> list[str]:
    listed = namespace.detail(_PAIRS)
    rows = () if isinstance(listed, Unread) else listed.rows("value")
    return [
        row.text("properties.partnerNamespace").lower() for row in rows if row.text("properties.role").lower() in roles
    ]


def _main(namespace: AzureResource) -> str:
    return next(iter(_pairs(namespace, "secondary")), "")


def _replicas(namespace: AzureResource) -> Maybe[tuple[str, ...]]:
    """Regions with the same data (geo-replication), or a namespace with the same entities (geo-disaster recovery)."""
    places = (row.text("locationName") for row in namespace.rows("properties.geoDataReplication.locations"))
    same = {azure_region(place) for place in places} - {namespace.region, ""}
    if same:
        return tuple(sorted(same))
    listed = namespace.detail(_PAIRS)
    if isinstance(listed, Unread):
        return () if namespace.text("sku.name").lower() == "basic" else listed
    partners = _pairs(namespace, "primary")
    found = [other for arm in partners for other in _named(namespace, arm)]
    if partners and not found:
        return Unread("the other namespace of its pair was not read")
    return regions_of(found, without=namespace.region)


def _named(namespace: AzureResource, partner: str) -> Iterable[AzureResource]:
    """The namespace that a pair names by id or, in its own subscription, by name."""
    whole = namespace.estate.by_id.get(partner)
    return [whole] if whole else namespace.estate.naming(partner, namespace.resource_type, "name")


KINDS = (
    kind("Microsoft.ServiceBus/namespaces", (Datastore,), _service_bus),
    kind("Microsoft.EventHub/namespaces", (Datastore,), _event_hubs),
)

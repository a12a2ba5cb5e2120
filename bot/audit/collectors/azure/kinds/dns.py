"""DNS zones and the record sets that route traffic (REST references "Zones - Get" and "Record Sets - Get")."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource, regions_of, texts_at
from bot.audit.collectors.azure.kinds_of import kind
from checks import GLOBAL, DnsRecord, DnsZone, Fact

_VALUES: Final = (
    "properties.ARecords[].ipv4Address",
    "properties.aRecords[].ipv4Address",
    "properties.AAAARecords[].ipv6Address",
    "properties.aaaaRecords[].ipv6Address",
    "properties.CNAMERecord.cname",
    "properties.cnameRecord.cname",
)
_TYPES: Final = ("A", "AAAA", "CNAME")


def _zone(zone: AzureResource) -> Iterable[Fact]:
    """A zone, public or private."""
    names = zone.texts("properties.nameServers")
    yield zone.fact(
        DnsZone,
        product="dns",
        region=GLOBAL,
        private="privatednszones" in zone.resource_type or zone.text("properties.zoneType") == "Private",
        records=zone.number("properties.numberOfRecordSets") or 0,
        name_servers=tuple(sorted(name.rstrip(".") for name in names)),
    )


def _record(record: AzureResource) -> Iterable[Fact]:
    """A record set: values, or an alias of a resource of Azure."""
    zone, _, rest = record.arm.rpartition("/providers/")[2].partition("/")[2].partition("/")[2].partition("/")
    kind_of, _, name = rest.partition("/")
    alias = record.ids("properties.targetResource.id")
    values = tuple(_values(record))
    yield record.fact(
        DnsRecord,
        product="dns",
        region=GLOBAL,
        name=zone if name == "@" else f"{name}.{zone}",
        zone=zone,
        type=kind_of.upper(),
        ttl=None if alias else record.number("properties.TTL") or record.number("properties.ttl"),
        targets=alias or values,
        target_regions=regions_of(record.linked("properties.targetResource.id")),
        evaluates_target_health=any("/trafficmanagerprofiles/" in arm for arm in alias),
        private_zone="privatednszones" in record.resource_type,
    )


def _values(record: AzureResource) -> Iterator[str]:
    for path in _VALUES:
        yield from texts_at(record, path)


KINDS = (
    kind("Microsoft.Network/dnsZones", (DnsZone,), _zone),
    kind("Microsoft.Network/privateDnsZones", (DnsZone,), _zone),
    *(
        kind(f"Microsoft.Network/{zones}/{name}", (DnsRecord,), _record)
        for zones in ("dnsZones", "privateDnsZones")
        for name in _TYPES
    ),
)

"""Traffic, messages, names, keys and alarms of the estate as Resource Graph describes them.

Shapes: the REST references of Microsoft.Network, Microsoft.ServiceBus, Microsoft.KeyVault, Microsoft.Insights and Microsoft.Web.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from support.builders.moment import NOW
from support.samples.one_estate.in_azure import GROUP, Described, Row, row

_NETWORK = f"{GROUP}/Microsoft.Network"
_OPS = f"{GROUP}/Microsoft.Insights/actionGroups/ops"


_MEMBERS = f"{GROUP}/Microsoft.Compute/virtualMachineScaleSets/web/virtualMachines"


def _balancer(*zones: str, locked: bool = False) -> Described:
    """A load balancer with a machine in each of its zones, which it finds healthy."""
    front = {"properties": {"publicIPAddress": {"id": f"{_NETWORK}/publicIPAddresses/front"}}}
    pool = {"properties": {"loadBalancerBackendAddresses": [{"properties": {"ipAddress": "10.0.0.4"}}]}}
    rules = [{"name": "web", "properties": {"frontendPort": 443}}]
    own = {"frontendIPConfigurations": [front], "backendAddressPools": [pool], "loadBalancingRules": rules}
    balancer = row("Microsoft.Network/loadBalancers", "front", sku={"name": "Standard"}, properties=own)
    kind = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines"
    members = [dict(row(kind, zone, zones=[zone], properties={})) | {"id": f"{_MEMBERS}/{zone}"} for zone in zones]
    answer = [
        {
            "networkInterfaceIPConfigurationId": f"{_MEMBERS}/{zone}/networkInterfaces/n/ipConfigurations/one",
            "state": "Up",
        }
        for zone in zones
    ]
    address = row("Microsoft.Network/publicIPAddresses", "front", zones=list(zones), properties={})
    details = {f"{balancer['id']}/loadBalancingRules/web/health".lower(): {"loadBalancerBackendAddresses": answer}}
    return Described([balancer, address, *members], locked=locked, details=details)


def _queue(kept: str) -> Described:
    bus = row(
        *("Microsoft.ServiceBus/namespaces", "bus"),
        sku={"name": "Premium"},
        properties={"zoneRedundant": True, "status": "Active"},
    )
    queue = {"id": f"{bus['id']}/queues/jobs", "name": "jobs", "properties": {"defaultMessageTimeToLive": kept}}
    return Described([bus], details={f"{bus['id']}/queues".lower(): {"value": [queue]}})


def _zone(*more: Row) -> Described:
    own = {"nameServers": ["ns-1.example.", "ns-2.example."], "zoneType": "Public", "numberOfRecordSets": 2}
    return Described([row("Microsoft.Network/dnsZones", "example.com", "global", properties=own), *more])


def _record(**properties: Any) -> Described:
    own = row("Microsoft.Network/dnsZones/A", "www", "global", properties=properties)
    return _zone(dict(own) | {"id": f"{_NETWORK}/dnsZones/example.com/A/www"})


def _profile(ttl: int) -> Described:
    """A name that Traffic Manager steers between two endpoints."""
    ends = [
        {
            "id": f"{_NETWORK}/trafficManagerProfiles/www/externalEndpoints/{number}",
            "name": str(number),
            "properties": {"target": f"{number}.example.com", "priority": number, "endpointStatus": "Enabled"},
        }
        for number in (1, 2)
    ]
    own = {
        "profileStatus": "Enabled",
        "trafficRoutingMethod": "Priority",
        "dnsConfig": {"relativeName": "www", "ttl": ttl},
        "monitorConfig": {"path": "/", "intervalInSeconds": 10, "toleratedNumberOfFailures": 2},
        "endpoints": ends,
    }
    return Described([row("Microsoft.Network/trafficManagerProfiles", "www.example.com", "global", properties=own)])


def _vault(*, protected: bool) -> list[Row]:
    more = {"enablePurgeProtection": True, "softDeleteRetentionInDays": 90} if protected else {}
    return [row("Microsoft.KeyVault/vaults", "vault", properties={"enableSoftDelete": True, **more})]


def _alarm(*, sound: bool) -> list[Row]:
    criteria = {"allOf": [{"name": "c", "metricName": "Http5xx", "operator": "GreaterThan", "threshold": 5}]}
    own = {
        "enabled": sound,
        "scopes": [f"{GROUP}/Microsoft.Web/sites/shop"],
        "criteria": criteria,
        "actions": [{"actionGroupId": _OPS}] if sound else [],
    }
    receivers = {"enabled": True, "emailReceivers": [{"name": "ops", "emailAddress": "ops@example.com"}]}
    return [
        row("Microsoft.Insights/metricAlerts", "errors", "global", properties=own),
        row("Microsoft.Insights/actionGroups", "ops", "global", properties=receivers),
    ]


def _certificate(days: int, **more: Any) -> list[Row]:
    own = {"thumbprint": "AB12", "expirationDate": (NOW + timedelta(days)).isoformat(), **more}
    names = [{"name": "shop.example.com", "thumbprint": "AB12"}]
    return [
        row("Microsoft.Web/certificates", "shop.example.com", properties=own),
        row("Microsoft.Web/sites", "shop", kind="app", properties={"hostNameSslStates": names}),
    ]


ESTATE: Mapping[str, Described] = {
    "bare balancer": _balancer("1"),
    "sound balancer": _balancer("1", "2", "3", locked=True),
    "bare queue": _queue("PT1H"),
    "sound queue": _queue("P4D"),
    "bare domain": _zone(),
    "sound domain": _zone(),
    "bare record": _record(TTL=3600, ARecords=[{"ipv4Address": "192.0.2.1"}]),
    "sound record": _profile(60),
    "bare key": Described(_vault(protected=False)),
    "sound key": Described(_vault(protected=True)),
    "bare alarm": Described(_alarm(sound=False)),
    "sound alarm": Described(_alarm(sound=True)),
    "bare certificate": Described(_certificate(10)),
    "sound certificate": Described(_certificate(200, canonicalName="shop.example.com")),
}

"""What reading 10,000 resources costs, through an Azure on loopback that takes 50 ms a call.

Run: python tests/bench/bench_azure.py. Prints facts, calls, seconds and MiB of the child process.
"""

import asyncio
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.fakes.azure_cloud import TENANT, FakeAzure, azure_cloud, azure_resource  # noqa: E402 - the path is set above

from bot.audit.collectors.azure.collector import AzureCollector, SubscriptionSettings  # noqa: E402

RESOURCES, LATE, SUBSCRIPTIONS = 10_000, 0.05, 4
GROUP = "/subscriptions/{}/resourceGroups/app{}/providers"


def machine(number: int, subscription: str) -> Iterator[dict[str, Any]]:
    """A machine with its network interface and two disks, as long as Resource Graph writes them."""
    place: dict[str, Any] = {
        "subscription": subscription,
        "group": f"app{number % 100}",
        "tags": {"app": f"app-{number % 100}"},
    }
    group = GROUP.format(subscription, number % 100)
    disks = [f"vm{number}_OsDisk", f"vm{number}_Data"]
    zone = str(number % 3 + 1)
    managed = [{"id": f"{group}/Microsoft.Compute/disks/{name}", "storageAccountType": "Premium_LRS"} for name in disks]
    own = {
        "vmId": f"{number:032x}",
        "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
        "provisioningState": "Succeeded",
        "timeCreated": "2026-01-01T00:00:00.0000000Z",
        "storageProfile": {
            "imageReference": {
                "publisher": "Canonical",
                "offer": "ubuntu-24_04-lts",
                "sku": "server",
                "version": "latest",
            },
            "osDisk": {"name": disks[0], "osType": "Linux", "caching": "ReadWrite", "managedDisk": managed[0]},
            "dataDisks": [
                {"lun": 0, "name": disks[1], "caching": "None", "managedDisk": managed[1], "toBeDetached": False}
            ],
        },
        "osProfile": {
            "computerName": f"vm{number}",
            "adminUsername": "azure",
            "linuxConfiguration": {
                "ssh": {"publicKeys": [{"path": "/home/azure/.ssh", "keyData": "ssh-rsa " + "A" * 540}]}
            },
        },
        "networkProfile": {"networkInterfaces": [{"id": f"{group}/Microsoft.Network/networkInterfaces/nic{number}"}]},
        "extended": {"instanceView": {"powerState": {"code": "PowerState/running", "displayStatus": "VM running"}}},
    }
    yield azure_resource("Microsoft.Compute/virtualMachines", f"vm{number}", zones=[zone], properties=own, **place)
    vm = f"{group}/Microsoft.Compute/virtualMachines/vm{number}"
    for name in disks:
        disk = {
            "diskSizeGB": 128,
            "diskState": "Attached",
            "timeCreated": "2026-01-01T00:00:00Z",
            "encryption": {"type": "x"},
        }
        fields: dict[str, Any] = {
            "managedBy": vm,
            "zones": [zone],
            "properties": disk,
            "sku": {"name": "Premium_LRS", "tier": "Premium"},
        }
        yield azure_resource("Microsoft.Compute/disks", name, **fields, **place)
    ends = [{"name": "a", "properties": {"privateIPAddress": "10.0.0.4", "subnet": {"id": f"{group}/x/subnets/a"}}}]
    nic = {"ipConfigurations": ends, "virtualMachine": {"id": vm}, "macAddress": "00-0D-3A-1B-C7-21"}
    yield azure_resource("Microsoft.Network/networkInterfaces", f"nic{number}", properties=nic, **place)
    account = {
        "provisioningState": "Succeeded",
        "primaryEndpoints": dict.fromkeys(("blob", "file", "web"), "https://x" * 6),
    }
    kept: dict[str, Any] = {"kind": "StorageV2", "sku": {"name": "Standard_ZRS"}, "properties": account}
    yield azure_resource("Microsoft.Storage/storageAccounts", f"docs{number}", **kept, **place)


def estate() -> list[dict[str, Any]]:
    """10,000 resources over a few subscriptions."""
    names = [f"{number:08x}-0000-0000-0000-000000000000" for number in range(SUBSCRIPTIONS)]
    return [row for number in range(RESOURCES // 5) for row in machine(number, names[number % SUBSCRIPTIONS])]


async def main() -> None:
    """Measure one run."""
    rows = estate()
    names = tuple(sorted({str(row["id"]).split("/")[2] for row in rows}))
    async with azure_cloud(FakeAzure(rows, names, late=LATE)) as url:
        own: dict[str, Any] = {
            "tenant": TENANT,
            "client": "c",
            "secret": SecretStr("s"),
            "login_url": url,
            "api_url": url,
            "private": True,
        }
        found = await AzureCollector(SubscriptionSettings(subscriptions=names, **own)).collect((), lambda _: None)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(f"{len(rows)} resources, {len(found.facts)} facts, {len(found.gaps)} gaps, ")
    sys.stdout.write(f"{found.calls} calls, {found.seconds} s, {peak:.0f} MiB\n")


if __name__ == "__main__":
    asyncio.run(main())

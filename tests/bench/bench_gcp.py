"""What reading 10,000 resources costs, through Google's APIs on loopback that take 50 ms a call.

Run: python tests/bench/bench_gcp.py. Prints facts, calls, seconds, and CPU and MiB of the child process.
"""

import asyncio
import json
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

from aiohttp import web

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.fakes.google_cloud import FakeGoogle, google_cloud, service_account  # noqa: E402 - the path is set just above
from support.samples.google_estate import ESTATE  # noqa: E402
from support.samples.google_products import PRODUCTS  # noqa: E402

from bot.audit.collectors.gcp.collector import GcpCollector, GcpSettings  # noqa: E402

RESOURCES, LATE, SHOP = 10_000, 0.05, "projects/shop-prod"
REPEATED = ("Instance", "Disk", "Snapshot", "InstanceGroupManager", "Cluster", "Service", "Topic", "Bucket")


class LateGoogle(FakeGoogle):
    """Answers after 50 ms."""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(LATE)
        return await super().answer(request)


def estate() -> list[dict[str, Any]]:
    """The sample project, with resources of the common types repeated under names of their own, 2 KiB each."""
    common = [item for item in ESTATE if item["assetType"].partition("/")[2] in REPEATED]
    found = list(ESTATE)
    while len(found) < RESOURCES:
        number = len(found)
        item = json.loads(json.dumps(common[number % len(common)]))
        item["name"] += f"-{number}"
        item["resource"]["data"]["description"] = "x" * 1500
        found.append(item)
    return found


async def main() -> None:
    """Measure one run."""
    with tempfile.TemporaryDirectory() as folder:
        async with google_cloud(LateGoogle({SHOP: estate()}, products=PRODUCTS)) as url:
            file = service_account(Path(folder) / "account.json", url)
            settings = GcpSettings(parents=(SHOP,), credentials_file=file, api_url=url, private=True)
            found = await GcpCollector(settings).collect((), lambda _: None)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak, cpu = used.ru_maxrss / 1024, used.ru_utime + used.ru_stime
    sys.stdout.write(
        f"{len(found.facts)} facts, {found.calls} calls, {found.seconds} s ({cpu:.1f} s of CPU), {peak:.0f} MiB\n"
    )


if __name__ == "__main__":
    asyncio.run(main())

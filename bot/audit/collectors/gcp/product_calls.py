"""What Cloud Asset Inventory lacks, and the calls of the products that list it.

Paths, page sizes and permissions: the REST reference of each API, and "IAM permissions reference".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.gcp.asset import AssetIndex
from bot.audit.collectors.gcp.kinds.databases import (
    FIRESTORE,
    FIRESTORE_SCHEDULE,
    SPANNER_DATABASE,
    SPANNER_SCHEDULE,
)
from bot.audit.collectors.gcp.kinds.dns import LIST_RECORDS, RECORDS, ZONE
from bot.audit.collectors.gcp.kinds.monitoring import (
    CHANNEL,
    LIST_CHANNELS,
    LIST_POLICIES,
    LIST_UPTIME,
    POLICY,
    UPTIME,
)
from bot.audit.collectors.gcp.kinds.networks import COMPUTE_PROJECT, GET_PROJECT, LIST_REGIONS, REGION
from bot.audit.collectors.gcp.kinds.sql import BACKUP_RUN, SQL
from checks import Alarm, Backup, DnsRecord, Fact, HealthCheck, Quota


@dataclass(frozen=True, slots=True)
class ProductCall:
    """A listing of a product. `path` with `{project}`, or with `{path}` of each asset of the type `each`.

    `gives`: the type of asset that its answer lists under `key` (empty: the answer is one itself). `size`: the query parameter
    for the size of a page, and the most it may be. `where`: types of which a project has to have an asset; empty: every project.
    `missing`: the kinds of facts that are not whole without it.
    """

    permission: str
    host: str
    path: str
    gives: str
    key: str
    missing: tuple[type[Fact], ...]
    size: tuple[str, int] | None = ("pageSize", 1000)
    where: tuple[str, ...] = ()
    each: str = ""


_COMPUTE: Final = tuple(
    f"compute.googleapis.com/{name}"
    for name in ("Instance", "InstanceGroupManager", "Disk", "ForwardingRule", "Router")
)
_SIZE: Final = ("maxResults", 1000)
_MONITORING: Final = ("monitoring.googleapis.com", "v3/projects/{project}/")
CALLS: Final = (
    ProductCall(LIST_POLICIES, _MONITORING[0], f"{_MONITORING[1]}alertPolicies", POLICY, "alertPolicies", (Alarm,)),
    ProductCall(
        LIST_CHANNELS, _MONITORING[0], f"{_MONITORING[1]}notificationChannels", CHANNEL, "notificationChannels", ()
    ),
    ProductCall(
        LIST_UPTIME, _MONITORING[0], f"{_MONITORING[1]}uptimeCheckConfigs", UPTIME, "uptimeCheckConfigs", (HealthCheck,)
    ),
    ProductCall(
        "cloudsql.backupRuns.list",
        "sqladmin.googleapis.com",
        "v1/projects/{project}/instances/-/backupRuns",
        BACKUP_RUN,
        "items",
        (Backup,),
        _SIZE,
        where=(SQL,),
    ),
    ProductCall(
        LIST_REGIONS,
        "compute.googleapis.com",
        "compute/v1/projects/{project}/regions",
        REGION,
        "items",
        (Quota,),
        ("maxResults", 500),
        where=_COMPUTE,
    ),
    ProductCall(
        GET_PROJECT,
        "compute.googleapis.com",
        "compute/v1/projects/{project}",
        COMPUTE_PROJECT,
        "",
        (Quota,),
        None,
        where=_COMPUTE,
    ),
    ProductCall(
        LIST_RECORDS, "dns.googleapis.com", "dns/v1/{path}/rrsets", RECORDS, "rrsets", (DnsRecord,), _SIZE, each=ZONE
    ),
    ProductCall(
        "datastore.backupSchedules.list",
        "firestore.googleapis.com",
        "v1/{path}/backupSchedules",
        FIRESTORE_SCHEDULE,
        "backupSchedules",
        (),
        None,
        each=FIRESTORE,
    ),
    ProductCall(
        "spanner.backupSchedules.list",
        "spanner.googleapis.com",
        "v1/{path}/backupSchedules",
        SPANNER_SCHEDULE,
        "backupSchedules",
        (),
        each=SPANNER_DATABASE,
    ),
)
QUOTAS: Final = {
    "cloudasset.googleapis.com": (80 / 60, 20.0),
    "sqladmin.googleapis.com": (150 / 60, 30.0),
}
"""Host -> calls/s and calls at once, where the quota is lower than what is set: Cloud Asset Inventory, "Quotas and limits" (100 calls
of assets.list a minute and project); Cloud SQL, "Quotas and limits" (180 a minute and user)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One listing to make. `inside`: the path of the asset or project that what it lists is a part of."""

    call: ProductCall
    project: str
    inside: str

    @property
    def path(self) -> str:
        """The path of its address."""
        return self.call.path.format(project=quote(self.project, safe=""), path=quote(self.inside))

    def item(self, found: dict[str, Any]) -> dict[str, Any]:
        """An item of the answer in the form of an asset."""
        row, host = Row(found), self.call.host
        named = row.text("name")
        at = row.text("selfLink").find("projects/")
        if named.startswith("projects/"):
            path = named
        elif at >= 0:
            path = row.text("selfLink")[at:]
        else:
            kind = self.call.path.rpartition("/")[2]
            path = f"{self.inside}/{kind}/{':'.join(filter(None, (named or row.text('id'), row.text('type'))))}"
        resource = {"data": found, "parent": f"//cloudresourcemanager.googleapis.com/projects/{self.project}"}
        return {"name": f"//{host}/{path}", "assetType": self.call.gives, "resource": resource}


def requests_for(estate: AssetIndex, projects: Iterator[str] | list[str]) -> Iterator[Request]:
    """The listings that complete these assets."""
    for call in CALLS:
        if call.each:
            for asset in estate.by_type.get(call.each, ()):
                yield Request(call, asset.identity.account, asset.path)
            continue
        present = {asset.identity.account for name in call.where for asset in estate.by_type.get(name, ())}
        for project in projects:
            if not call.where or project in present:
                yield Request(call, project, f"projects/{project}")

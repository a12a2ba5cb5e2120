"""Reads what Resource Graph does not have: management locks, and the settings that only a call for one resource tells.

These calls are limited (`most_calls`): locks come first, one call for each subscription, then the parts in the order of `PARTS`.
What is beyond the limit is unread, and says so. The health of backends comes last; asking again for a result counts on top.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bot.audit.collectors.azure.backend_health import ACTIONS, VERSION, operations
from bot.audit.collectors.azure.estate import SOURCE, AzureResource, ResourceIndex, resource_of
from bot.audit.collectors.azure.kinds_of import DRILLS
from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.net.cloud_api import CloudApi
from bot.net.read_error import ReadError
from checks import Distribution, Fact, Gap, Queue, Rehearsal, StreamRetention, Topic, Unread

LOCKS_READ: Final = "Microsoft.Authorization/locks/read"
_LOCKS: Final = "/providers/microsoft.authorization/locks/"
_MOST_PAGES: Final = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A part of resources of a type, read by one call for each of them. `wanted`: whether one may have it.

    `facts`: the kinds that are made of it alone, and so are missing where it is unread.
    """

    resource_type: str
    suffix: str
    version: str
    action: str
    wanted: Callable[[AzureResource], bool] = lambda _: True
    facts: tuple[type[Fact], ...] = ()


def _has_geo_failover(namespace: AzureResource) -> bool:
    return namespace.text("sku.tier", "Standard").lower() in ("standard", "premium")


def _has_topics(namespace: AzureResource) -> bool:
    return namespace.text("sku.tier", "Standard").lower() != "basic"


PARTS: Final = (
    Part(
        "microsoft.sql/servers",
        "failoverGroups",
        "2021-11-01",
        "Microsoft.Sql/servers/failoverGroups/read",
        lambda server: any(database.told("properties.failoverGroupId") for database in server.children()),
    ),
    Part(
        "microsoft.storage/storageaccounts",
        "blobServices/default",
        "2023-01-01",
        "Microsoft.Storage/storageAccounts/blobServices/read",
        lambda account: account.text("kind").lower() != "filestorage",
    ),
    Part(
        "microsoft.cdn/profiles",
        "originGroups",
        "2023-05-01",
        "Microsoft.Cdn/profiles/originGroups/read",
        lambda profile: "azurefrontdoor" in profile.text("sku.name").lower(),
        (Distribution,),
    ),
    *(
        Part(
            f"{written}/namespaces".lower(),
            suffix,
            "2021-11-01",
            f"{written}/namespaces/{suffix}/read",
            _has_topics if suffix == "topics" else lambda _: True,
            (fact,),
        )
        for written, suffix, fact in (
            ("Microsoft.ServiceBus", "queues", Queue),
            ("Microsoft.ServiceBus", "topics", Topic),
            ("Microsoft.EventHub", "eventhubs", StreamRetention),
        )
    ),
    *(
        Part(
            f"{written}/namespaces".lower(),
            "disasterRecoveryConfigs",
            "2021-11-01",
            f"{written}/namespaces/disasterRecoveryConfigs/read",
            _has_geo_failover,
        )
        for written in ("Microsoft.ServiceBus", "Microsoft.EventHub")
    ),
    Part(
        "microsoft.sql/servers/databases",
        "backupShortTermRetentionPolicies/default",
        "2021-11-01",
        "Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies/read",
        lambda database: database.identity.name.lower() != "master",
    ),
)
"""The most important ones first."""
ORIGINS: Final = Part(
    "microsoft.cdn/profiles/origingroups",
    "origins",
    "2023-05-01",
    "Microsoft.Cdn/profiles/originGroups/origins/read",
    facts=(Distribution,),
)


INSTANCE_GROUPS: Final = Part(
    "microsoft.sql/managedinstances",
    "instanceFailoverGroups",
    "2021-11-01",
    "Microsoft.Sql/locations/instanceFailoverGroups/read",
)
"""Failover groups of managed instances, which are listed for a resource group and region (`place_of`)."""
DRILL_PARTS: Final = tuple(
    Part(DRILLS, suffix, "2026-10-01", f"Microsoft.AzureResilienceManagement/drills/{suffix}/read", facts=(Rehearsal,))
    for suffix in ("drillRuns", "drillResources")
)
GROUPS_READ: Final = "Microsoft.Management/serviceGroups/read"
DRILLS_READ: Final = "Microsoft.AzureResilienceManagement/drills/read"


@dataclass(slots=True)
class Details:
    """Reads details into an estate. `left`: how many calls may still be made. `gaps`: service groups that were not read."""

    api: CloudApi
    base: str
    estate: ResourceIndex
    left: int
    gaps: list[Gap] = field(default_factory=list)

    async def read(self, subscriptions: Sequence[str], groups: Sequence[str]) -> None:
        """Read locks of subscriptions, drills of service groups (by id) and parts of resources, within the limit."""
        await self._all([self._locks(subscription) for subscription in subscriptions if self._may_lock(subscription)])
        await self._all([self._drills(group) for group in groups])
        await self._all([self._part(part, arm) for part, arm in self._wanted()])
        places = {place_of(instance): None for instance in self.estate.by_type.get(INSTANCE_GROUPS.resource_type, ())}
        await self._all([self._part(INSTANCE_GROUPS, place) for place in places if self._may(INSTANCE_GROUPS, place)])
        await self._all([self._health(arm, action) for arm, action in self._balancers()])
        groups = [
            group for profile in self.estate.by_type.get("microsoft.cdn/profiles", ()) for group in _groups(profile)
        ]
        await self._all([self._part(ORIGINS, group) for group in groups if self._may(ORIGINS, group)])

    async def _all(self, reads: Sequence[Any]) -> None:
        await asyncio.gather(*reads)

    def _may_lock(self, subscription: str) -> bool:
        if self.left > 0:
            self.left -= 1
            return True
        self.estate.locks[subscription] = Unread(_beyond(LOCKS_READ))
        return False

    def _wanted(self) -> Iterator[tuple[Part, str]]:
        for part in (*DRILL_PARTS, *PARTS):
            for resource in self.estate.by_type.get(part.resource_type, ()):
                if _is_wanted(part, resource) and self._may(part, resource.arm):
                    yield part, resource.arm

    def _may(self, part: Part, arm: str) -> bool:
        if self.left > 0:
            self.left -= 1
            return True
        self.estate.details[f"{arm}/{part.suffix}".lower()] = Unread(_beyond(part.action))
        return False

    async def _drills(self, group: str) -> None:
        """List the drills of a service group. Where the API does not know the group, it has none."""
        path = f"{group}/providers/Microsoft.AzureResilienceManagement/drills?api-version=2026-10-01"
        if self.left <= 0:
            self._lose(group, _beyond(DRILLS_READ))
            return
        self.left -= 1
        try:
            for row in Row(await self._whole(path, DRILLS_READ)).rows("value"):
                self.estate.add(resource_of(row.body, self.estate))
        except (ReadError, OddFieldError) as error:
            if not (isinstance(error, ReadError) and error.gone):
                self._lose(group, error.reason if isinstance(error, ReadError) else str(error))

    def _lose(self, group: str, reason: str) -> None:
        self.gaps.append(Gap(SOURCE, SOURCE, "", "", f"{group}: {reason}", (Rehearsal,), DRILLS_READ))

    async def _part(self, part: Part, arm: str) -> None:
        key = f"{arm}/{part.suffix}"
        try:
            found: Row | Unread = Row(await self._whole(f"{key}?api-version={part.version}", part.action))
        except ReadError as error:
            found = Unread(error.reason)
        self.estate.details[key.lower()] = found

    def _balancers(self) -> Iterator[tuple[str, str]]:
        """The operations that answer the health of backends, each with its action."""
        for resource_type, action in ACTIONS.items():
            for balancer in self.estate.by_type.get(resource_type, ()):
                for arm in _operations(balancer):
                    if self.left > 0:
                        self.left -= 1
                        yield arm, action
                    else:
                        self.estate.details[arm.lower()] = Unread(_beyond(action))

    async def _health(self, arm: str, action: str) -> None:
        try:
            found: Row | Unread = Row(await self.api.call(f"{self.base}{arm}?api-version={VERSION}", action, body={}))
        except ReadError as error:
            found = Unread(error.reason)
        self.estate.details[arm.lower()] = found

    async def _locks(self, subscription: str) -> None:
        path = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/locks?api-version=2016-09-01"
        try:
            listed = Row(await self._whole(path, LOCKS_READ)).rows("value")
            scopes = frozenset(scope for lock in listed if (scope := _scope(lock)))
        except (ReadError, OddFieldError) as error:
            self.estate.locks[subscription] = Unread(error.reason if isinstance(error, ReadError) else str(error))
        else:
            self.estate.locks[subscription] = scopes

    async def _whole(self, path: str, action: str) -> Mapping[str, Any]:
        """The answer of a call with the rows of all of its pages.

        Raises:
            ReadError: a page failed.
        """
        answer = await self.api.call(f"{self.base}{path}", action)
        items = answer.get("value")
        following = answer.get("nextLink")
        for _ in range(_MOST_PAGES):
            if not (following and isinstance(items, list)):
                return answer
            if not str(following).startswith(f"{self.base}/"):
                raise ReadError(action, "the link to the next page leads elsewhere", "NotUnderstood")
            page = await self.api.call(str(following), action)
            more = page.get("value")
            items += more if isinstance(more, list) else []
            following = page.get("nextLink")
        raise ReadError(action, f"{action} has more than {_MOST_PAGES} pages", "NotUnderstood")


def place_of(instance: AzureResource) -> str:
    """The region of a managed instance as a resource of its resource group, in which failover groups are listed."""
    start = instance.arm.partition("/providers/")[0]
    return f"{start}/providers/Microsoft.Sql/locations/{instance.region}"


def gaps_of(estate: ResourceIndex) -> Iterator[Gap]:
    """A gap for each part that was not read, and that alone gives some kinds of facts."""
    for part in (*DRILL_PARTS, *PARTS):
        for resource in estate.by_type.get(part.resource_type, ()) if part.facts else ():
            found = estate.details.get(f"{resource.arm}/{part.suffix}".lower())
            if isinstance(found, Unread):
                identity = resource.identity
                place = (SOURCE, SOURCE, identity.account, identity.region)
                yield Gap(*place, found.reason, part.facts, part.action, resource=resource.arm, tags=identity.tags)


def _operations(balancer: AzureResource) -> Sequence[str]:
    try:
        return operations(balancer)
    except OddFieldError:
        return ()


def _is_wanted(part: Part, resource: AzureResource) -> bool:
    try:
        return part.wanted(resource)
    except (OddFieldError, TypeError):
        return True


def _groups(profile: AzureResource) -> Iterator[str]:
    """The ids of the origin groups of a profile of `frontdoor`."""
    found = profile.detail("originGroups")
    try:
        yield from () if isinstance(found, Unread) else (row.text("id") for row in found.rows("value"))
    except OddFieldError:
        return


def _scope(lock: Row) -> str:
    """The id that a lock holds: of a resource, a group or a subscription."""
    return lock.text("id").lower().rpartition(_LOCKS)[0]


def _beyond(action: str) -> str:
    return f"{action} is not called: the audit has made azure.most_calls calls"

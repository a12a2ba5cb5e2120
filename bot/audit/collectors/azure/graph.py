"""Queries Azure Resource Graph page by page, within its quota.

Sources: Azure documentation, "Work with large data sets" (paging needs a stable order), "Guidance for throttled requests" (the
headers of the quota; fewer than 300 subscriptions to a query) and "Azure Resource Graph table and resource type reference".
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.net.cloud_api import CloudApi
from bot.net.read_error import ReadError

READ: Final = "Microsoft.ResourceGraph/resources/read"
SUBSCRIPTIONS_READ: Final = "Microsoft.Resources/subscriptions/read"
PAGE: Final = 1000  # the most that one answer has
BATCH: Final = 250  # subscriptions to a query
_PATH: Final = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"
WINDOW: Final = 5.0  # seconds of a quota
_LONGEST: Final = 60.0  # seconds
SUBSCRIPTIONS: Final = (
    "resourcecontainers | where type =~ 'microsoft.resources/subscriptions' "
    "| project id, name, type, subscriptionId | order by id asc"
)
"""Lists the subscriptions that may be read: Resource Graph leaves others out of an answer without a word."""


SERVICE_GROUPS: Final = (
    "resourcecontainers | where type =~ 'microsoft.management/servicegroups' | project id, name, type | order by id asc"
)
"""Lists the service groups of the tenant: a query without subscriptions."""


def pause(headers: Mapping[str, str]) -> float:
    """Seconds until the quota is renewed, where it is used up (`x-ms-user-quota-resets-after: hh:mm:ss`)."""
    if headers.get("x-ms-user-quota-remaining") != "0":
        return 0.0
    try:
        hours, minutes, seconds = (float(part) for part in headers["x-ms-user-quota-resets-after"].split(":"))
    except (KeyError, ValueError):
        return 0.0
    return min(max(hours * 3600 + minutes * 60 + seconds, 0.0), _LONGEST)


@dataclass(slots=True)
class QueryQuota:
    """Holds every query back while the quota of Resource Graph is used up. `authorize`: signs a call in."""

    authorize: Callable[[], Awaitable[Mapping[str, str]]]
    _until: float = 0.0

    def note(self, headers: Mapping[str, str]) -> float:
        """Read the quota from the headers of an answer. The answer itself is used at once, so that it is 0 s."""
        self._until = max(self._until, time.monotonic() + pause(headers))
        return 0.0

    async def sign_in(self) -> Mapping[str, str]:
        """The headers of a call, as soon as one may be made."""
        await asyncio.sleep(max(self._until - time.monotonic(), 0.0))
        return await self.authorize()


def query_of(table: str, types: Sequence[str]) -> str:
    """The query that lists resources of these types of a table in the order of their ids."""
    return f"{table} | where type in~ ({', '.join(repr(name) for name in sorted(types))}) | order by id asc"


def batches(subscriptions: Sequence[str]) -> Iterator[Mapping[str, Sequence[str]]]:
    """The scopes of queries over these subscriptions."""
    for start in range(0, len(subscriptions), BATCH):
        yield {"subscriptions": subscriptions[start : start + BATCH]}


async def rows(
    api: CloudApi, base: str, scope: Mapping[str, Sequence[str]], query: str
) -> AsyncIterator[Mapping[str, Any]]:
    """The rows of a query. `scope`: `subscriptions` or `managementGroups`, by id.

    Raises:
        ReadError: a page failed; those before it were given.
    """
    options: dict[str, Any] = {"resultFormat": "objectArray", "$top": PAGE}
    while True:
        body = {**{name: list(ids) for name, ids in scope.items()}, "query": query, "options": dict(options)}
        page = await api.call(f"{base}{_PATH}", READ, body=body)
        for row in rows_in(page):
            yield row
        token = page.get("$skipToken")
        if not token:
            if str(page.get("resultTruncated")).lower() == "true":
                raise ReadError(READ, "Resource Graph left rows out of its answer", "Truncated")
            return
        if token == options.get("$skipToken"):
            raise ReadError(READ, "Resource Graph repeats a page", "NotUnderstood")
        options["$skipToken"] = token


def rows_in(page: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The rows of an answer, whether it lists objects or is a table of columns and rows (API versions before 2021).

    Raises:
        ReadError: it has another form.
    """
    data = page.get("data")
    if isinstance(data, list):
        yield from (row for row in data if isinstance(row, dict))
        return
    columns, cells = (data.get("columns"), data.get("rows")) if isinstance(data, dict) else (None, None)
    if not isinstance(columns, list) or not isinstance(cells, list):
        raise ReadError(READ, "the rows of Resource Graph have an unexpected form", "NotUnderstood")
    names = [str(column.get("name")) if isinstance(column, dict) else "" for column in columns]
    yield from (dict(zip(names, row, strict=False)) for row in cells if isinstance(row, list))

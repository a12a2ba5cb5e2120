"""Completed reliability tests of Gremlin, by service.

Shapes: Gremlin's OpenAPI description (`/services`, `/reliability-tests/completed/paged`; `PagedResponse...`,
`CompletedReliabilityTestRunResponse`), as api-evangelist/gremlin@2b75773 has it. Authorization `Key ...`:
https://www.gremlin.com/docs/api-reference-overview
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import SecretStr

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.rehearsals.json_api import json_api
from bot.audit.collectors.rehearsals.run import ReadingContext, RehearsalRun, RehearsalSource, Runs, read_each
from bot.net.cloud_api import CloudApi
from bot.net.read_error import ReadError
from checks import RehearsalResult

_PAGE: Final = 200
_MOST_PAGES: Final = 50
_READ: Final = "SERVICES_READ"
_RESULTS: Final = {"passed": RehearsalResult.SUCCEEDED, "failed": RehearsalResult.FAILED}
"""`Unsure` proves nothing."""


@dataclass(frozen=True, slots=True)
class GremlinAccess:
    """Where Gremlin's API is, and the key of a team."""

    key: SecretStr
    team_id: str
    url: str = "https://api.gremlin.com/v1"
    private: bool = False


async def read(access: GremlinAccess, context: ReadingContext) -> Runs:
    """Every completed test since `context.since`, newest first.

    Raises:
        ReadError: the services or their tests cannot be read.
    """
    async with json_api(context, f"Key {access.key.get_secret_value()}", private=access.private) as api:
        services = {row.text("serviceId"): row.text("name") async for row in _items(api, access, "/services")}
        rows: list[Row] = []
        async for row in _items(api, access, "/reliability-tests/completed/paged"):
            at = row.maybe(row.when, "endTime")
            if isinstance(at, datetime) and at < context.since:
                break
            rows.append(row)
        found = read_each(rows, lambda row: _run(row, services))
        return Runs(found.runs, found.problems, api.calls.total())


def _run(row: Row, services: Mapping[str, str]) -> RehearsalRun | None:
    """One completed test."""
    service, test, number = row.text("serviceId"), row.text("reliabilityTestId"), row.text("runNumber")
    what = row.text("reliabilityTestName") or "reliability test"
    of = row.text("dependencyName")
    return RehearsalRun(
        key="/".join(part for part in (service, test, row.text("dependencyId"), number) if part),
        name=f"{what} ({of})" if of else what,
        at=row.when("endTime") or row.when("createdAt"),
        result=_RESULTS.get(row.text("status").lower(), RehearsalResult.INCONCLUSIVE),
        names=(services.get(service, ""), service),
    )


async def _items(api: CloudApi, access: GremlinAccess, path: str) -> AsyncIterator[Row]:
    """The items of all pages. A page that is not full is the last one."""
    token = ""
    for _ in range(_MOST_PAGES):
        params = {"teamId": access.team_id, "pageSize": str(_PAGE)} | ({"pageToken": token} if token else {})
        page = Row(await api.call(access.url + path, _READ, params=params))
        items = page.rows("items")
        for item in items:
            yield item
        following = page.text("pageToken")
        if not following or not items or len(items) < (page.number("pageSize") or _PAGE):
            return
        if following == token:
            raise ReadError(_READ, f"{path} does not come to an end", "NotUnderstood")
        token = following


SOURCE = RehearsalSource(
    "gremlin",
    "Gremlin",
    "an API key of a team member whose role has the privilege SERVICES_READ and no other",
    read,
)

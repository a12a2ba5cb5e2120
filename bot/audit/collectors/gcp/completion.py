"""Completes the listed assets with what their products list themselves."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from bot.audit.collectors.engine.row import OddFieldError
from bot.audit.collectors.gcp.asset import SOURCE, AssetIndex, asset_of
from bot.audit.collectors.gcp.kinds.databases import FIRESTORE_SCHEDULE, SPANNER_SCHEDULE
from bot.audit.collectors.gcp.listing import rows_of
from bot.audit.collectors.gcp.product_calls import Request, requests_for
from bot.net.cloud_api import CloudApi
from bot.net.read_error import ReadError
from checks import GLOBAL, Gap

_ELSEWHERE: Final = {"": "backup schedules are not part of Cloud Asset Inventory's listing"}
NOT_LISTED: Final = {FIRESTORE_SCHEDULE: _ELSEWHERE, SPANNER_SCHEDULE: _ELSEWHERE}
"""Why the schedules of databases are unread before their products have listed them."""


async def complete(api: CloudApi, base: str, estate: AssetIndex, now: datetime) -> list[Gap]:
    """Add what the products list to the assets; returns a gap for each listing that failed. `base`: one address of all APIs."""
    projects = sorted({asset.identity.account for found in estate.by_type.values() for asset in found} - {""})
    requests = list(requests_for(estate, projects))
    failures: dict[Request, ReadError] = {}

    async def read(request: Request) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        try:
            await _list(api, base, request, found)
        except ReadError as error:
            failures[request] = error
        return found

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(read(request)) for request in requests]
    gaps = [gap for request, failure in failures.items() for gap in _gaps(estate, request, failure)]
    for request, task in zip(requests, tasks, strict=True):
        for item in task.result():
            try:
                estate.add(asset_of(request.item(item), now, estate))
            except OddFieldError as error:
                gaps += _gaps(estate, request, ReadError(request.call.permission, str(error)))
    _note_unread(estate, failures.items())
    return gaps


async def _list(api: CloudApi, base: str, request: Request, found: list[dict[str, object]]) -> None:
    """Read all pages of a listing into `found`.

    Raises:
        ReadError: a page could not be read; those before it count.
    """
    call, address = request.call, f"{base or f'https://{request.call.host}'}/{request.path}"
    query = {call.size[0]: str(call.size[1])} if call.size else {}
    while True:
        page = await api.call(f"{address}?{urlencode(query)}" if query else address, call.permission)
        found += rows_of(page, call.key, call.permission) if call.key else [page]
        token = page.get("nextPageToken")
        if not token or not call.key:
            return
        if token == query.get("pageToken"):
            raise ReadError(call.permission, f"the answer to {call.permission} repeats a page", "NotUnderstood")
        query["pageToken"] = str(token)


def _gaps(estate: AssetIndex, request: Request, failure: ReadError) -> Iterator[Gap]:
    """The gaps of one listing: of one asset, of a project, or of each region of it where the facts belong to all services there."""
    call, project = request.call, request.project
    if not any(kind.shared for kind in call.missing):
        resource = f"//{call.host}/{request.inside}" if call.each else ""
        yield Gap(SOURCE, "gcp", project, GLOBAL, failure.reason, call.missing, call.permission, resource=resource)
        return
    found = (asset.identity for assets in estate.by_type.values() for asset in assets)
    for region in sorted({identity.region for identity in found if identity.account == project}):
        yield Gap(SOURCE, "gcp", project, region, failure.reason, call.missing, call.permission)


def _note_unread(estate: AssetIndex, failures: Iterable[tuple[Request, ReadError]]) -> None:
    unread: dict[str, dict[str, str]] = defaultdict(dict)
    for request, failure in failures:
        unread[request.call.gives][request.project] = failure.reason
    estate.unread = unread

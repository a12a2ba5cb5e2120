"""Reads a Backstage's catalogue over its API, page by page.

`GET /api/catalog/entities/by-query`: https://backstage.io/docs/features/software-catalog/software-catalog-api (docs/features/
software-catalog/api.md of backstage/backstage).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.audit.tickets.api import TicketApi, TrackerError

PAGE, PAGES = 250, 200
_KINDS = ("component", "api", "resource", "system")
_FIELDS = (
    "kind,metadata.name,metadata.namespace,metadata.title,metadata.description,metadata.labels,metadata.annotations,"
    "metadata.links,spec"
)


async def backstage_entities(api: TicketApi, url: str) -> Sequence[Mapping[str, Any]]:
    """The components, APIs, resources and systems of a Backstage, at most 50,000. `url`: its base address.

    Raises:
        TrackerError: it refuses, does not answer, or answers with something else.
    """
    base = f"{url.rstrip('/')}/api/catalog/entities/by-query"
    filters = "&".join(f"filter=kind={kind}" for kind in _KINDS)
    page: dict[str, str | int] = {"limit": PAGE, "fields": _FIELDS}
    address, found = f"{base}?{filters}", list[Mapping[str, Any]]()
    for _ in range(PAGES):
        body = (await api.get(address, **page)).body
        items = body.get("items") if isinstance(body, dict) else None
        if not isinstance(items, list):
            raise TrackerError("Backstage answers without entities")
        found += [item for item in items if isinstance(item, dict)]
        info = body.get("pageInfo")
        following = info.get("nextCursor") if isinstance(info, dict) else None
        if not isinstance(following, str):
            break
        # A cursor carries the filter; both together are not allowed.
        address, page = base, {"limit": PAGE, "fields": _FIELDS, "cursor": following}
    return found

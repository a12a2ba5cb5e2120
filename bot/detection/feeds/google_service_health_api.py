"""Reads Personalized Service Health of a project or organisation of Google Cloud.

https://cloud.google.com/service-health/docs/reference/rest/v1/projects.locations.events/list
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from bot.detection.feeds.api_feed import ApiReadError
from bot.net.cloud_api import CloudApi
from bot.net.read_error import ReadError

LIST_EVENTS: Final = "servicehealth.events.list"
LIST_OF_ORGANISATION: Final = "servicehealth.organizationEvents.list"
MOST_PAGES: Final = 20
_HOST: Final = "https://servicehealth.googleapis.com"
_USELESS: Final = timedelta(minutes=30)


def has_events(parent: str) -> bool:
    """Whether the API has events of a parent: it has none of folders."""
    return parent.startswith(("projects/", "organizations/"))


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """The open and recent incidents of one parent (`projects/ID`, `organizations/NUMBER`). `base`: one address of all APIs."""

    api: CloudApi
    parent: str
    base: str = ""

    async def ask(self) -> bytes:
        """Read all pages; one JSON body in the shape of the `google_service_health` format.

        Raises:
            ApiReadError: with the reason.
        """
        whole = self.parent.startswith("organizations/")
        name, view = ("organizationEvents", "ORGANIZATION_EVENT_VIEW_FULL") if whole else ("events", "EVENT_VIEW_FULL")
        permission = LIST_OF_ORGANISATION if whole else LIST_EVENTS
        query = {"view": view, "pageSize": "100", "filter": "category=INCIDENT AND state=ACTIVE"}
        url = f"{self.base or _HOST}/v1/{quote(self.parent)}/locations/global/{name}"
        rows: list[Any] = []
        for _ in range(MOST_PAGES):
            page = await self._page(f"{url}?{urlencode(query)}", permission)
            found = page.get(name, [])
            if not isinstance(found, list):
                raise ApiReadError("returned something other than a list")
            rows += found
            token = page.get("nextPageToken")
            if not token:
                return json.dumps({name: rows}).encode()
            query["pageToken"] = str(token)
        raise ApiReadError(f"has more than {MOST_PAGES} pages")

    async def _page(self, url: str, permission: str) -> dict[str, Any]:
        try:
            return await self.api.call(url, permission)
        except ReadError as error:
            lasting = error.fatal or "denied" in error.reason or "disabled" in error.reason
            raise ApiReadError(error.reason, _USELESS if lasting else timedelta()) from None

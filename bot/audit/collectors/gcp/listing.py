"""The listing of Cloud Asset Inventory: which types it asks for, and its pages.

Source: https://cloud.google.com/asset-inventory/docs/reference/rest/v1/assets/list. A type that the inventory does not support is
an error where it is asked for by name, and none within a regular expression that matches others.
"""

import importlib
import pkgutil
import re
from collections.abc import AsyncIterator, Mapping
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote, urlencode

from bot.audit.collectors.engine.kinds import kinds_in
from bot.audit.collectors.gcp import kinds
from bot.audit.collectors.gcp.asset import FOLDER, PROJECT
from bot.audit.collectors.gcp.gaps import SIGNS
from bot.audit.collectors.gcp.kinds_of import LIST
from bot.net.cloud_api import CloudApi
from bot.net.read_error import ReadError

TYPES: Final = kinds_in(kinds)
PAGE: Final = 1000  # the most that assets.list gives


def _joined() -> frozenset[str]:
    """The types that are no facts of their own, which the modules of kinds name as `JOINED`."""
    names = (info.name for info in pkgutil.iter_modules(kinds.__path__))
    modules = [importlib.import_module(f"{kinds.__name__}.{name}") for name in names]
    return frozenset(name for module in modules for name in getattr(module, "JOINED", ()))


LISTED: Final = frozenset(
    {PROJECT, FOLDER, *SIGNS, *_joined(), *(kind.resource_type for kind in TYPES.values() if LIST in kind.permissions)}
)
"""The types of assets to ask for."""


def expression(types: frozenset[str] = LISTED) -> str:
    """A regular expression (RE2) that matches these types and no others."""
    by_host = groupby(sorted(types), lambda name: name.partition("/")[0])
    hosts = (f"{re.escape(host)}/({'|'.join(name.partition('/')[2] for name in names)})" for host, names in by_host)
    return f"({'|'.join(hosts)})"


_WAYS: Final = (tuple(sorted(LISTED)), (expression(),), ())
"""How the types are asked for, in turn: by name, by one expression where a name is refused, and all of them where that is too."""


async def assets_of(api: CloudApi, base: str, parent: str) -> AsyncIterator[Mapping[str, Any]]:
    """The assets of a parent, page by page.

    Raises:
        ReadError: a page could not be read; those before it were given.
    """
    ways, token = iter(_WAYS), ""
    types = next(ways)
    while True:
        query = [("contentType", "RESOURCE"), ("pageSize", str(PAGE)), *(("assetTypes", name) for name in types)]
        query += [("pageToken", token)] if token else []
        try:
            page = await api.call(f"{base}/v1/{quote(parent)}/assets?{urlencode(query)}", LIST)
        except ReadError as error:
            if error.code != "INVALID_ARGUMENT" or token or not types:
                raise
            types = next(ways)
            continue
        for item in rows_of(page, "assets", LIST):
            if item.get("assetType") in LISTED:
                yield item
        after = str(page.get("nextPageToken") or "")
        if not after:
            return
        if after == token:
            raise ReadError(LIST, "the list of assets repeats a page", "NotUnderstood")
        token = after


def rows_of(page: Mapping[str, Any], key: str, action: str) -> list[dict[str, Any]]:
    """The objects that a page lists under a key.

    Raises:
        ReadError: it has something else there.
    """
    items = page.get(key, [])
    if not isinstance(items, list):
        raise ReadError(action, f"the answer to {action} has an unexpected form", "NotUnderstood")
    return [item for item in items if isinstance(item, dict)]

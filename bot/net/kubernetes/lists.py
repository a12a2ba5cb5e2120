"""Lists all objects of a kind over all namespaces, a page at a time.

Paging and errors: https://kubernetes.io/docs/reference/using-api/api-concepts/ (Retrieving large results sets in chunks,
410 Gone, Receiving resources as PartialObjectMetadata).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from bot.net.cloud_api import CloudApi
from bot.net.read_error import ReadError

T = TypeVar("T")
PAGE: Final = 500
_MOST_PAGES: Final = 4000  # two million objects
_STARTS: Final = 3
"""A list whose snapshot has expired is begun again, at most twice."""
_METADATA: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_GONE: Final = frozenset({"410", "Expired", "Gone", "ResourceExpired"})
_NOT_INSTALLED: Final = frozenset({"404", "NotFound"})


@dataclass(frozen=True, slots=True)
class ListCall:
    """One kind of object. `group`: empty for the core. `names_only`: nothing but names, labels and owners is needed.

    `optional`: the kind is there only where somebody has installed it.
    """

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"
    names_only: bool = False
    optional: bool = False

    @property
    def path(self) -> str:
        """The path of the list over all namespaces."""
        return (
            f"/apis/{self.group}/{self.version}/{self.plural}" if self.group else f"/api/{self.version}/{self.plural}"
        )

    @property
    def action(self) -> str:
        """The permission it needs, as `kubectl auth can-i` writes it: `list deployments.apps`."""
        return f"list {self.plural}.{self.group}" if self.group else f"list {self.plural}"


async def list_all(api: CloudApi, url: str, call: ListCall, keep: Callable[[Mapping[str, Any]], T | None]) -> list[T]:
    """All objects of a kind. `keep` makes of each what is kept, None for nothing, so that no page stays in memory.

    A kind that is optional and not installed has no objects.

    Raises:
        ReadError: it cannot be listed.
    """
    for start in range(1, _STARTS + 1):
        try:
            return await _pages(api, url + call.path, call, keep)
        except ReadError as error:
            if call.optional and error.code in _NOT_INSTALLED:
                return []
            if error.code not in _GONE:
                raise
            if start == _STARTS:
                raise ReadError(
                    call.action, f"{call.action} expired {_STARTS} times before its last page", error.code
                ) from None
    return []


async def _pages(api: CloudApi, url: str, call: ListCall, keep: Callable[[Mapping[str, Any]], T | None]) -> list[T]:
    kept: list[T] = []
    token = ""
    for _ in range(_MOST_PAGES):
        params = {"limit": str(PAGE)} | ({"continue": token} if token else {})
        accept = f"{_METADATA},application/json" if call.names_only else "application/json"
        page = await api.call(url, call.action, params=params, accept=accept)
        items = page.get("items")
        if items is not None and not isinstance(items, list):
            raise ReadError(call.action, f"{call.action} answered with items that are no list", "NotUnderstood")
        for item in items or ():
            made = keep(item) if isinstance(item, Mapping) else None
            if made is not None:
                kept.append(made)
        metadata = page.get("metadata")
        following = str(metadata.get("continue") or "") if isinstance(metadata, Mapping) else ""
        if not following:
            return kept
        if following == token:
            break
        token = following
    raise ReadError(call.action, f"{call.action} does not come to an end", "NotUnderstood")

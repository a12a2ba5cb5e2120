"""Listings of services that botocore knows less about: without a paginator, or in no list of endpoints."""

from collections.abc import Callable, Collection
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.net.aws.errors import ReadError

Rows = list[dict[str, Any]]


def all_pages(aws: Reader, service: str, operation: str, key: str, token: str, **params: Any) -> Rows:
    """All items under `key` of an operation for which botocore has no paginator. `token`: its name in request and answer.

    Raises:
        ReadError: a call failed. A service that the region does not have has no items.
    """
    rows: Rows = []
    more: dict[str, Any] = {}
    while True:
        try:
            page = aws.get(service, operation, **params, **more)
        except ReadError as error:
            if error.code == "Unreachable" and not aws.offered(service):
                return []
            raise
        rows += page.get(key) or ()
        if not page.get(token):
            return rows
        more = {token: page[token]}


def where_offered(aws: Reader, read: Callable[[], Rows], surely: Collection[str]) -> Rows:
    """What `read` lists, for a service in no endpoint list of botocore: unreachable outside the regions `surely`, it is not there.

    Raises:
        ReadError: the listing failed in a region that has the service, or for another reason.
    """
    try:
        return read()
    except ReadError as error:
        if error.code == "Unreachable" and aws.client_region not in surely:
            return []
        raise

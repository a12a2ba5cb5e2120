"""Reads all pages of a listing for which botocore has no paginator."""

from typing import Any

from bot.audit.collectors.aws.reader import Reader, Rows


def all_pages(aws: Reader, service: str, operation: str, key: str, mark: str = "NextToken", **params: Any) -> Rows:
    """All items under `key`; none where AWS does not offer the service in the region. `mark`: of the next page.

    Raises:
        ReadError: a page could not be read.
    """
    if not aws.offered(service):
        return []
    found: Rows = []
    at: dict[str, str] = {}
    while True:
        page = aws.get(service, operation, **params, **at)
        found.extend(page.get(key) or ())
        if not page.get(mark):
            return found
        at = {mark: page[mark]}

"""The site that the HTTP client is tried against."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from support.fakes.http_site import Site
from support.harness.loopback import serving


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, int]]:
    made = Site()
    async with serving(made.app()) as root:
        yield made, urlsplit(root).port or 0

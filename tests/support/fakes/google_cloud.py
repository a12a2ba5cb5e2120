"""Google's token endpoint and Cloud Asset Inventory on loopback.

Shapes: https://cloud.google.com/asset-inventory/docs/reference/rest/v1/assets/list, AIP-193 (errors) and
https://developers.google.com/identity/protocols/oauth2/service-account (tokens).
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from support.harness.loopback import cut, serving

TOKEN = "ya29.of-the-reader"
_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
}
_KEY = (
    rsa.generate_private_key(65537, 2048)
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)


@dataclass
class FakeGoogle:
    """The assets of each parent, and how listing it fails.

    `faults`: by parent and index of the page, the statuses to answer with, in turn; 0 cuts the line. `reason`: of all errors.
    `products`: by path, what the API of a product answers: a whole answer, statuses in turn, or several pages, of which one may be
    a status. A path that is not named lists nothing. `supported`: the types of
    assets that can be asked for; empty: all. `together`: listings that are answered when so many have arrived; `waiting_at_once`: how
    many waited at most.
    """

    assets: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    faults: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    reason: str = ""
    products: Mapping[str, Any] = field(default_factory=dict)
    supported: frozenset[str] = frozenset()
    signs_in: bool = True
    together: int = 0
    waiting_at_once: int = 0
    _arrived: asyncio.Barrier | None = None
    calls: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.calls[request.path] += 1
        if request.path == "/token":
            if not self.signs_in:
                return web.json_response({"error": "invalid_grant"}, status=400)
            return web.json_response({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return self._fail(request, 401)
        if not request.path.endswith("/assets"):
            return self._product(request)
        if self.together:
            self._arrived = self._arrived or asyncio.Barrier(self.together)
            self.waiting_at_once = max(self.waiting_at_once, self._arrived.n_waiting + 1)
            await self._arrived.wait()
        return self._assets(request)

    def _assets(self, request: web.Request) -> web.StreamResponse:
        parent = request.path.removeprefix("/v1/").removesuffix("/assets")
        start, size = int(request.query.get("pageToken", "0")), int(request.query["pageSize"])
        waiting = self.faults.get((parent, start // size), [])
        if waiting:
            return self._fail(request, waiting.pop(0))
        wanted = request.query.getall("assetTypes", [])
        if self.supported and not all(any(re.fullmatch(name, known) for known in self.supported) for name in wanted):
            return self._fail(request, 400)
        listed = self.assets.get(parent, ())
        items = [item for item in listed if not wanted or any(re.fullmatch(name, item["assetType"]) for name in wanted)]
        page: dict[str, Any] = {"readTime": "2026-11-01T10:00:00Z", "assets": items[start : start + size]}
        if start + size < len(items):
            page["nextPageToken"] = str(start + size)
        return web.json_response(page)

    def _product(self, request: web.Request) -> web.StreamResponse:
        found = self.products.get(request.path, {})
        if isinstance(found, dict):
            return web.json_response(found)
        statuses = [step for step in found if isinstance(step, int)]
        if statuses == found:
            status = self._take(request.path, statuses)
            return web.json_response({}) if status == 200 else self._fail(request, status)
        at = int(request.query.get("pageToken", "0"))
        if isinstance(found[at], int):
            return self._fail(request, found[at])
        more = {"nextPageToken": str(at + 1)} if at + 1 < len(found) else {}
        return web.json_response({**found[at], **more})

    def _take(self, path: str, statuses: Sequence[int]) -> int:
        """The status of this call of a path: the next one, and the last one ever after."""
        return statuses[min(self.calls[path], len(statuses)) - 1]

    def _fail(self, request: web.Request, status: int) -> web.StreamResponse:
        if not status:
            cut(request)
        details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": self.reason}] if self.reason else []
        error = {"code": status, "status": _WORDS[status], "message": "No.", "details": details}
        return web.json_response({"error": error}, status=status, headers={"retry-after": "0"})


@asynccontextmanager
async def google_cloud(fake: FakeGoogle) -> AsyncIterator[str]:
    """Serve for the block; yields the address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.answer)
    async with serving(app) as url:
        yield url


def service_account(path: Path, url: str) -> str:
    """Write the file of a service account whose token endpoint is at this address."""
    account = {
        "type": "service_account",
        "project_id": "shop",
        "private_key_id": "1",
        "private_key": _KEY,
        "client_email": "backstay@shop.iam.gserviceaccount.com",
        "token_uri": f"{url}/token",
    }
    path.write_text(json.dumps(account))
    return str(path)

"""A Kubernetes API server on loopback: lists with pages, grants by a ClusterRole, and the faults of a real one.

Shapes: https://kubernetes.io/docs/reference/using-api/api-concepts/ (lists, `continue`, 410, PartialObjectMetadata) and the
`Status` of https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from support.harness.loopback import cut, serving

TOKEN = "t0ken-of-the-reader"
_REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
}


@dataclass
class FakeApiServer:
    """What a cluster holds, by path (`/apis/apps/v1/deployments`), and how it fails.

    `faults`: statuses to answer a path with, in turn, before it answers as usual; 0 cuts the line. `late_faults`: the same for
    pages after the first. `role`: what the token may do; None: everything. `installed`: paths that exist though empty.
    """

    objects: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    faults: dict[str, list[int]] = field(default_factory=dict)
    late_faults: dict[str, list[int]] = field(default_factory=dict)
    role: Mapping[str, Any] | None = None
    installed: frozenset[str] = frozenset()
    slow: dict[str, float] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    accepted: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.path
        self.calls[path] += 1
        self.accepted[path] = request.headers["accept"]
        self.tokens.add(request.headers.get("authorization", ""))
        if path in self.slow:
            await asyncio.sleep(self.slow[path])
        waiting = (self.late_faults if "continue" in request.query else self.faults).get(path, [])
        if waiting:
            return self._fail(request, waiting.pop(0))
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return self._fail(request, 401)
        if self.role is not None and not granted(self.role, path):
            return self._fail(request, 403)
        optional = any(
            group in path for group in ("velero.io", "cert-manager.io", "argoproj.io", "snapshot.storage.k8s.io")
        )
        if path not in self.objects and optional and path not in self.installed:
            return web.Response(status=404, text="404 page not found\n")
        return web.json_response(self._page(request))

    def _page(self, request: web.Request) -> dict[str, Any]:
        items = self.objects.get(request.path, ())
        start, limit = int(request.query.get("continue", "0")), int(request.query["limit"])
        metadata: dict[str, Any] = {"resourceVersion": "42"}
        if start + limit < len(items):
            metadata |= {"continue": str(start + limit), "remainingItemCount": len(items) - start - limit}
        return {"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": items[start : start + limit]}

    def _fail(self, request: web.Request, status: int) -> web.StreamResponse:
        if not status:
            cut(request)
        body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": _REASONS[status], "code": status}
        headers = {"retry-after": "0"} if status == 429 else {}
        return web.json_response(body | {"message": "No."}, status=status, headers=headers)


def granted(role: Mapping[str, Any], path: str) -> bool:
    """Whether a ClusterRole lets its subjects list this path."""
    parts = path.strip("/").split("/")
    group, plural = ("", parts[2]) if parts[0] == "api" else (parts[1], parts[3])
    return any(
        group in rule["apiGroups"] and plural in rule["resources"] and "list" in rule["verbs"] for rule in role["rules"]
    )


@asynccontextmanager
async def api_server(server: FakeApiServer) -> AsyncIterator[str]:
    """Serve for the block; yields the address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    async with serving(app) as url:
        yield url


def kubeconfig(
    path: Path,
    servers: Mapping[str, str],
    user: Mapping[str, Any] | None = None,
    cluster: Mapping[str, str] | None = None,
) -> str:
    """Write a kubeconfig with a context for each server; the user has the token unless another is given.

    `cluster`: more settings of each cluster.
    """
    credentials = {"token": TOKEN} if user is None else dict(user)
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": next(iter(servers), ""),
        "clusters": [{"name": name, "cluster": {"server": url, **(cluster or {})}} for name, url in servers.items()],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "reader"}} for name in servers],
        "users": [{"name": "reader", "user": credentials}],
    }
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return str(path)

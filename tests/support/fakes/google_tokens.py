"""Google's token endpoints on loopback: Security Token Service, impersonation, a user's sign-in and the metadata server.

Shapes: https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token,
https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken and
https://cloud.google.com/compute/docs/metadata/overview.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from support.fakes.google_cloud import TOKEN

POOL = "//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci/providers/ci"
READER = "backstay@shop-prod.iam.gserviceaccount.com"
_FLAVOR = {"metadata-flavor": "Google"}


@dataclass
class FakeTokens:
    """Takes one subject's token, one user's refresh token, and answers as the metadata server of a machine."""

    subject: str = "signed-by-the-cluster"
    calls: Counter[str] = field(default_factory=Counter)

    async def sts(self, request: web.Request) -> web.Response:
        """Exchange the token of another identity provider."""
        self.calls["sts"] += 1
        form = await request.post()
        if form["subject_token"] != self.subject or form["audience"] != POOL:
            return web.json_response({"error": "invalid_grant", "error_description": "No."}, status=400)
        return web.json_response({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})

    async def impersonate(self, request: web.Request) -> web.Response:
        """Give a token of the service account to who has one of the pool."""
        self.calls["impersonate"] += 1
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, status=401)
        return web.json_response({"accessToken": TOKEN, "expireTime": "2099-01-01T00:00:00Z"})

    async def user(self, request: web.Request) -> web.Response:
        """Renew a user's token."""
        self.calls["user"] += 1
        form = await request.post()
        if form["refresh_token"] != "of-ann":
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})

    async def metadata(self, request: web.Request) -> web.Response:
        """Answer as the metadata server: what runs here, as whom, and its token."""
        self.calls["metadata"] += 1
        path = request.path.removeprefix("/computeMetadata/v1/")
        if request.headers.get("metadata-flavor") != "Google":
            return web.Response(status=403, headers=_FLAVOR)
        if path == "project/project-id":
            return web.Response(text="shop-prod", headers=_FLAVOR)
        if path.endswith("/token"):
            return web.json_response(
                {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}, headers=_FLAVOR
            )
        if path.startswith("instance/service-accounts/"):
            body = {
                "email": READER,
                "scopes": ["https://www.googleapis.com/auth/cloud-platform"],
                "aliases": ["default"],
            }
            return web.json_response(body, headers=_FLAVOR)
        return web.Response(text="computeMetadata/", headers=_FLAVOR)

    def routes(self, app: web.Application) -> None:
        """Serve all of them."""
        app.router.add_post("/v1/sts", self.sts)
        app.router.add_post("/v1/impersonate/{account}:generateAccessToken", self.impersonate)
        app.router.add_post("/user", self.user)
        app.router.add_get("/", self.metadata)
        app.router.add_get("/computeMetadata/v1/{path:.*}", self.metadata)


def workload_identity(folder: Path, url: str, subject: str, **more: Any) -> str:
    """Write the configuration of workload identity federation whose subject token is in a file."""
    (folder / "token").write_text(subject)
    body = {
        "type": "external_account",
        "audience": POOL,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{url}/v1/sts",
        "credential_source": {"file": str(folder / "token")},
    }
    return _written(folder / "workload.json", body | more)


def of_a_user(folder: Path, url: str) -> str:
    """Write what `gcloud auth application-default login` does for a user of workforce identity federation."""
    body = {
        "type": "external_account_authorized_user",
        "audience": "//iam.googleapis.com/locations/global/workforcePools/staff/providers/staff",
        "client_id": "1.apps.googleusercontent.com",
        "client_secret": "s",
        "refresh_token": "of-ann",
        "token_url": f"{url}/user",
        "token_info_url": f"{url}/introspect",
        "quota_project_id": "shop-prod",
    }
    return _written(folder / "application_default_credentials.json", body)


def _written(path: Path, body: dict[str, Any]) -> str:
    path.write_text(json.dumps(body))
    return str(path)

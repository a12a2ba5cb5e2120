"""A Git server on loopback: real `git http-backend` behind aiohttp, over repositories that a test makes with real `git`.

The protocol: https://git-scm.com/docs/git-http-backend (CGI, RFC 3875).
"""

import asyncio
import os
import subprocess
from pathlib import Path

from aiohttp import web

_ENV = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


def git(folder: Path, *arguments: str, at: str = "2026-11-01T09:00:00+00:00") -> str:
    """Run git in a folder; a commit is of the moment `at`."""
    env = _ENV | {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at, "HOME": str(folder)}
    command = ["git", *arguments]  # the arguments are the tests' own
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.strip()


class GitServer:
    """Serves the repositories under a folder. `token` is required where it is set; `broken` answers instead of git."""

    def __init__(self, root: Path) -> None:
        self.root, self.token, self.broken = root, "", 0
        self.asked: list[str] = []
        self.waits: asyncio.Event | None = None

    def repository(self, name: str) -> Path:
        """A new work tree whose repository is served as `/NAME`."""
        folder = self.root / name
        folder.mkdir(parents=True)
        git(folder, "init", "--quiet", "--initial-branch=main")
        git(folder, "config", "uploadpack.allowFilter", "true")
        git(folder, "config", "http.receivepack", "false")
        return folder

    def app(self) -> web.Application:
        """The application to serve."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        if self.waits is not None:
            await self.waits.wait()
        if self.broken:
            return web.Response(status=self.broken)
        if self.token and self.token not in request.headers.get("Authorization", ""):
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="git"'})
        repository, _, rest = request.path.removeprefix("/").partition(".git/")
        env = _ENV | {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{repository}/.git/{rest}",
            "QUERY_STRING": request.query_string,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        body = await request.read()
        child = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            env=env | {"CONTENT_LENGTH": str(len(body))},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await child.communicate(body)
        head, _, content = said.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        status = int(headers.pop("Status", "200").split()[0])
        return web.Response(status=status, headers=headers, body=content)

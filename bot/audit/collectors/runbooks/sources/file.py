"""A file or folder on this machine, beside backstay.yaml. In a Git work tree, Git tells when it was last changed."""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.audit.collectors.runbooks.repository import choose_file, text_of_file
from bot.audit.collectors.runbooks.source import (
    MAX_BYTES,
    RunbookPage,
    RunbookReader,
    SourceAccess,
    SourceTools,
    UnreadableError,
)
from bot.net.git_child import GitError, run_git
from bot.net.git_environment import hardened

KIND = "file"
GENERIC = False
_UNDATED = "the file is not in a Git work tree; its own date only shows when it was copied"


def recognise(address: str) -> bool:
    """An absolute path."""
    return not urlsplit(address).scheme and address.startswith("/")


def open_source(access: SourceAccess, tools: SourceTools) -> RunbookReader:  # noqa: ARG001 - a path needs no access
    """The file system."""
    return _Files(tools)


class _Files:
    def __init__(self, tools: SourceTools) -> None:
        self._tools = tools

    async def read(self, address: str, service: str) -> RunbookPage:
        """The file; of a folder, the one that is called after the service, which must lie in it."""
        path = await asyncio.to_thread(_chosen, Path(address), service)
        text, links = await asyncio.to_thread(_text, path)
        changed, by = await self._last_change(path)
        return RunbookPage(text, changed, by, links=links, unread={} if changed else {"changed_at": _UNDATED})

    async def close(self) -> None:
        """Nothing is kept."""

    async def _last_change(self, path: Path) -> tuple[datetime | None, str]:
        """When the file was last changed in its repository, and by whom; nothing where it is in none."""
        with tempfile.TemporaryDirectory(prefix="backstay-git-") as home:
            env = hardened(Path(home), {})
            try:
                said = await run_git(
                    "--no-pager",
                    "log",
                    "-1",
                    "--no-ext-diff",
                    "--no-textconv",
                    "--format=%ct%x00%an",
                    "--",
                    path.name,
                    env=env,
                    folder=path.parent,
                    patience=self._tools.clone_timeout,
                )
            except GitError:
                return None, ""
        at, _, by = said.decode(errors="replace").strip("\n").partition("\0")
        return (datetime.fromtimestamp(int(at), UTC), by[:200]) if at.isdigit() and len(at) < 12 else (None, "")


def _chosen(path: Path, service: str) -> Path:
    if not path.is_dir():
        return path
    name = choose_file([entry.name for entry in path.iterdir()], service)
    if name is None:
        raise UnreadableError(
            f"{path.name} cannot be read: the folder has no file called after {service}, and no README"
        )
    chosen = (path / name).resolve()
    if not chosen.is_relative_to(path.resolve()):
        raise UnreadableError(f"{name} cannot be read: it is a symbolic link that leads out of the folder")
    return chosen


def _text(path: Path) -> tuple[str, tuple[str, ...]]:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableError(f"{path.name} cannot be read: {error.strerror}") from None
    if len(body) > MAX_BYTES:
        raise UnreadableError(f"{path.name} cannot be read: it has more than {MAX_BYTES:,} bytes")
    try:
        text, links = text_of_file(path.name, body)
    except UnreadableError:
        raise UnreadableError(f"{path.name} cannot be read: not a text file") from None
    return text, tuple(links)

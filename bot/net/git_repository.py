"""Fetches a Git repository and reads files of it, with the real `git`, as if the repository were hostile.

Nothing is checked out, so no hook, filter, submodule or symbolic link of the repository comes into effect: files are read as objects.
The host is looked up once and its addresses are checked by the egress policy; git connects to one of those.
"""

import asyncio
import contextlib
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.net.egress import EgressPolicy, Resolve, resolve
from bot.net.git_child import GitError, NoSuchFileError, run_git
from bot.net.git_environment import GitAccess, environment, pinned

__all__ = ["GitAccess", "GitError", "GitRepository", "LastChange", "NoSuchFileError"]

DEPTH = 100
"""Commits that are fetched: how far back the last change of a file is found."""
MOST_BYTES = 200_000_000
"""The largest repository, in bytes on disk."""
TIP = "refs/backstay/tip"
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}")
_LINK, _SUBMODULE, _FOLDER = "120000", "160000", "040000"


@dataclass(frozen=True, slots=True)
class LastChange:
    """The last commit that changed a file: when (UTC), and the author's name. `before`: it is older than what was fetched."""

    at: datetime
    by: str
    before: bool = False


class GitRepository:
    """A fetched repository in a folder of its own. Make one with `fetch`; `close` removes it."""

    def __init__(self, folder: Path, env: Mapping[str, str], patience: timedelta, most_bytes: int) -> None:
        self._folder, self._env, self._patience, self._most_bytes = folder, env, patience, most_bytes
        self._git_dir = folder / "repository"

    @classmethod
    async def fetch(  # noqa: PLR0913 - where from, as whom, and within which bounds
        cls,
        url: str,
        *,
        ref: str = "",
        access: GitAccess = GitAccess(),  # noqa: B008 - frozen
        policy: EgressPolicy = EgressPolicy(),  # noqa: B008 - frozen
        resolver: Resolve = resolve,
        patience: timedelta = timedelta(seconds=60),
        most_bytes: int = MOST_BYTES,
    ) -> "GitRepository":
        """Fetch the newest commits of a branch or tag (empty: the default branch) over HTTPS or SSH.

        Raises:
            GitError: git is missing, refused, too large, too slow, or the address is none that it may use.
        """
        if ref and not _REF.fullmatch(ref):
            raise GitError("the branch has characters that no branch has")
        pin = await pinned(url, policy, resolver)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="backstay-git-"))
        made = cls(folder, environment(folder, url, access, pin), patience, most_bytes)
        try:
            await made._run("init", "--quiet", "--bare", "--template=")
            await made._run("remote", "add", "origin", url)
            wanted = f"+{ref or 'HEAD'}:{TIP}"
            options = ("--quiet", "--no-tags", "--no-recurse-submodules", f"--depth={DEPTH}", "--filter=blob:none")
            await made._run("fetch", *options, "origin", wanted)
        except BaseException:
            await made.close()
            raise
        return made

    async def close(self) -> None:
        """Remove the folder."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def names(self, folder: str) -> Sequence[str]:
        """The names of the files in a folder, empty for the top."""
        where = f"{TIP}:{_inner(folder)}" if folder else TIP
        try:
            listing = await self._run("ls-tree", "-z", "--name-only", where)
        except GitError:
            return ()
        return [name.decode(errors="replace") for name in listing.split(b"\0") if name][:10_000]

    async def is_folder(self, path: str) -> bool:
        """Whether the path is a folder."""
        return not path or (await self._entry(path))[0] == _FOLDER

    async def read(self, path: str, most: int) -> bytes:
        """A file, at most `most` bytes of it.

        Raises:
            NoSuchFileError: there is none.
            GitError: it is a symbolic link, a submodule or a folder, or larger.
        """
        mode, blob = await self._entry(path)
        if mode == _LINK:
            raise GitError(f"{path} is a symbolic link, which is not followed")
        if mode in (_SUBMODULE, _FOLDER):
            raise GitError(f"{path} is a {'submodule' if mode == _SUBMODULE else 'folder'}, not a file")
        return await self._run("cat-file", "blob", blob, most_output=most)

    async def last_change(self, path: str) -> LastChange | None:
        """The last change of a file among the commits that were fetched; None where git tells none."""
        said = await self._run("log", "-1", "--format=%H%x00%ct%x00%an", TIP, "--", _inner(path))
        parts = said.decode(errors="replace").strip("\n").split("\0")
        if len(parts) != 3 or not parts[1].isdigit() or len(parts[1]) > 11:
            return None
        return LastChange(datetime.fromtimestamp(int(parts[1]), UTC), parts[2][:200], parts[0] in self._boundary())

    def _boundary(self) -> frozenset[str]:
        """The commits whose parents were not fetched: git shows them as if they had added every file."""
        with contextlib.suppress(OSError):
            return frozenset((self._git_dir / "shallow").read_text().split())
        return frozenset()

    async def _entry(self, path: str) -> tuple[str, str]:
        if ".." in path.split("/"):
            raise GitError(f"{path} leads out of the repository")
        listing = await self._run("ls-tree", "-z", TIP, "--", _inner(path))
        meta, _, _ = listing.partition(b"\0")[0].partition(b"\t")
        parts = meta.decode(errors="replace").split()
        if len(parts) != 3:
            raise NoSuchFileError(f"the repository has no file {path}")
        return parts[0], parts[2]

    async def _run(self, *arguments: str, most_output: int = 5_000_000) -> bytes:
        """Run git on the repository; its output. What it reads may be fetched first, so the bounds of fetching hold."""
        return await run_git(
            f"--git-dir={self._git_dir}",
            *arguments,
            env=self._env,
            folder=self._folder,
            patience=self._patience,
            most_output=most_output,
            most_bytes=self._most_bytes,
        )


def _inner(path: str) -> str:
    """A path inside the repository: git refuses those that lead out of it, and `:` would begin a pathspec's magic."""
    return path.strip("/")

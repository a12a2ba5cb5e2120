"""Runs `git` in a child process: no shell, bounded in time, in what it prints and in what it writes."""

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

_MEASURE_EVERY = 0.2
_MOST_OUTPUT = 5_000_000


class GitError(Exception):
    """A repository could not be fetched or a file not read. The text is the reason; it names no secret."""


class NoSuchFileError(GitError):
    """The repository has no such file."""


async def run_git(
    *arguments: str,
    env: Mapping[str, str],
    folder: Path,
    patience: timedelta,
    most_output: int = _MOST_OUTPUT,
    most_bytes: int = 0,
) -> bytes:
    """Run git in a folder; what it prints.

    Args:
        arguments: after `git`.
        env: the whole environment.
        folder: the working directory, and what `most_bytes` bounds.
        patience: for the whole run.
        most_output: bytes that it may print.
        most_bytes: that the folder may grow to; 0: it is not measured.

    Raises:
        GitError: it is missing, failed, took too long, wrote or printed too much.
    """
    try:
        child = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            env=dict(env),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    except OSError as error:
        raise GitError(f"git cannot be started: {error.strerror}") from None
    output = asyncio.create_task(_outputs(child, most_output))
    watch = asyncio.create_task(_watch_size(folder, most_bytes))
    try:
        done, _ = await asyncio.wait(
            {watch, output}, timeout=patience.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
        if output in done:
            said, complaint = output.result()
            if await child.wait():
                raise GitError(_reason(complaint))
            return said
        if watch in done:
            raise GitError(f"the repository has more than {most_bytes:,} bytes")
        raise GitError(f"git did not finish within {patience.total_seconds():g} s")
    finally:
        for task in (watch, output):
            task.cancel()
        await asyncio.gather(watch, output, return_exceptions=True)
        await _end(child)


async def _watch_size(folder: Path, most: int) -> None:
    """Return once there are more bytes on disk than allowed."""
    while not most or await asyncio.to_thread(_size, folder) <= most:  # noqa: ASYNC110 - nothing tells when a child writes
        await asyncio.sleep(_MEASURE_EVERY)


async def _outputs(child: asyncio.subprocess.Process, most: int) -> tuple[bytes, bytes]:
    """What git prints, and the end of what it complains about.

    Raises:
        GitError: it prints more than allowed.
    """
    assert child.stdout is not None  # noqa: S101 - both are pipes, see above
    assert child.stderr is not None  # noqa: S101 - the same
    complaint = asyncio.create_task(_end_of(child.stderr))
    try:
        said = bytearray()
        while part := await child.stdout.read(65_536):
            said += part
            if len(said) > most:
                raise GitError(f"the file has more than {most:,} bytes")
        return bytes(said), await complaint
    finally:
        complaint.cancel()


async def _end_of(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while part := await stream.read(4_096):
        kept = (kept + part)[-4_096:]
    return kept


async def _end(child: asyncio.subprocess.Process) -> None:
    """End the child and what it started."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()


def _size(folder: Path) -> int:
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(f"{place}/{name}").st_size
    return total


_REASONS = (
    (
        re.compile(r"Authentication failed|could not read Username|Access denied|returned error: 40[13]"),
        "access denied",
    ),
    (re.compile(r"Permission denied \(|Could not read from remote repository"), "access denied"),
    (re.compile(r"Host key verification failed"), "the host's key is not among known_hosts"),
    (re.compile(r"couldn't find remote ref|Remote branch"), "the repository has no such branch"),
    (
        re.compile(r"[Rr]epository.*not found|does not appear to be a git repository|returned error: 404"),
        "no such repository, or access denied",
    ),
    (re.compile(r"[Cc]ould not resolve host"), "DNS lookup failed"),
    (re.compile(r"[Cc]onnection refused|Failed to connect"), "connection refused"),
    (
        re.compile(r"unable to update url base from redirection|redirect"),
        "the server redirects elsewhere, which is not followed",
    ),
    (re.compile(r"certificate|SSL"), "TLS certificate not accepted"),
    (
        re.compile(r"early EOF|unexpected disconnect|hung up|RPC failed|Recv failure|reset by peer"),
        "connection closed early",
    ),
    (re.compile(r"[Tt]imed out|too slow"), "no answer in time"),
)


def _reason(complaint: bytes) -> str:
    """Why git failed, in our words: its own may hold an address with credentials, and what the far side says."""
    text = complaint.decode(errors="replace")
    return next((words for pattern, words in _REASONS if pattern.search(text)), "git could not read the repository")

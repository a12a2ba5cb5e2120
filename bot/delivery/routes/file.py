"""Appends each message as a line of JSON to a file or standard output; the last resort."""

import asyncio
import errno
import json
import os
import sys
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from bot.delivery.routing.content import content
from bot.delivery.routing.context import Options, RouteContext
from bot.model import Message, Proof, Refused, Result, Retry, RouteSpec, Sent
from bot.net.failures import failure_words

STANDARD_OUTPUT = "-"
# Errors that end when there is space or the disk is back; all others are permanent.
_TRANSIENT = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EAGAIN, errno.EINTR, errno.ENFILE, errno.EMFILE))


class Settings(Options):
    """`path` of the file, `-` for standard output."""

    path: str = Field(min_length=1)


class File:
    """One file. It is opened for every line, so that it may be moved away at any time."""

    kind: ClassVar[str] = "file"

    def __init__(self, name: str, path: str, context: RouteContext) -> None:
        self.name = name
        self.platform = f"file {path}"
        self._path = path
        self._context = context

    async def send(self, message: Message, attempt: int) -> Result:
        """Append the message. After a crash a line may be there twice, with the same delivery id."""
        try:
            fields = {"at": self._context.clock().isoformat(), "attempt": attempt, **content(message)}
            line = json.dumps(fields, ensure_ascii=False).encode(errors="replace") + b"\n"
        except ValueError:
            return Refused("the card cannot be read")
        try:
            await asyncio.to_thread(self._append, line)
        except OSError as error:
            reason = f"could not write to {self._path}: {failure_words(error)}"
            return Retry(reason) if error.errno in _TRANSIENT else Refused(reason)
        return Sent()

    async def prove(self) -> Proof:
        """Check that the file can be written."""
        return await asyncio.to_thread(self._writable)

    def _writable(self) -> Proof:
        path = Path(self._path)
        if self._path == STANDARD_OUTPUT:
            return Proof(True, "standard output is open")
        nearest = next(place for place in (path, *path.absolute().parents) if place.exists())
        if nearest.is_dir() != (nearest == path) and os.access(nearest, os.W_OK):
            return Proof(True, f"{self._path} can be written")
        return Proof(False, f"{nearest} cannot be written")

    def _append(self, line: bytes) -> None:
        if self._path == STANDARD_OUTPUT:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            return
        path = Path(self._path)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            _write_whole(file, line)
            os.fsync(file)  # a sent message survives a power cut
        finally:
            os.close(file)


def _write_whole(file: int, line: bytes) -> None:
    """Write a whole line; a part that a full disk cut short is removed again."""
    before = os.fstat(file).st_size
    written = os.write(file, line)
    if written < len(line):
        os.ftruncate(file, before)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def build(spec: RouteSpec, context: RouteContext) -> File:
    """Build the route.

    Raises:
        RouteError: a setting is wrong.
    """
    return File(spec.name, Settings.of(spec).path, context)

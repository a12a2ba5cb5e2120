"""Runs the real `backstay` on a terminal of its own (a pty), where it draws and asks as for a person."""

import asyncio
import os
import pty
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from support.harness.command_line import CommandLine

_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Shown:
    """How a command ended, and what the terminal showed, without control sequences."""

    code: int
    text: str


async def on_a_terminal(backstay: CommandLine, *words: str, answers: Sequence[tuple[str, str]] = ()) -> Shown:
    """Run a command. `answers`: what to type after each question has appeared, in order."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=backstay.folder,
        env={**backstay.env, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        text = await asyncio.to_thread(_converse, ours, list(answers))
        return Shown(await process.wait(), text)
    finally:
        os.close(ours)


def _converse(terminal: int, answers: list[tuple[str, str]]) -> str:
    shown, read_so_far = "", 0
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # Linux: the other side has closed the terminal
            more = b""
        if not more:
            return shown
        shown += _SEQUENCE.sub("", more.decode(errors="replace")).replace("\r\n", "\n")
        if answers and answers[0][0] in shown[read_so_far:]:
            read_so_far = len(shown)
            os.write(terminal, f"{answers.pop(0)[1]}\n".encode())

"""Writes what a child process has read, as frames: one JSON object a line, from any of its threads."""

import json
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from bot.audit.facts_codec import pack
from checks import Fact, Gap

Emit = Callable[[dict[str, Any]], None]

FACTS = 200
"""Facts in a frame: decoding one blocks the parent's event loop for a few milliseconds."""


def frames_to_stdout() -> Emit:
    """A function that writes one frame to stdout at once."""
    lock, out = threading.Lock(), sys.stdout.buffer

    def emit(frame: dict[str, Any]) -> None:
        line = json.dumps(frame, separators=(",", ":")).encode() + b"\n"
        with lock:
            out.write(line)
            out.flush()

    return emit


def emit_part(emit: Emit, place: Sequence[str] | None, facts: Sequence[Fact], gaps: Sequence[Gap]) -> None:
    """Emit what was read at a place (source, account, region), in frames of at most `FACTS` facts. None: no place was read."""
    for start in range(0, max(len(facts), 1), FACTS):
        chunk = pack(facts[start : start + FACTS], gaps if not start else ())
        emit({"t": "part", "place": None if place is None else list(place), **chunk})

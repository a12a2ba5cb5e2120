"""A fake Slack in a process of its own, so that its CPU time is not counted as backstay's.

Run it as `python -m support.processes.slack_apart CHANNELS LATENCY`.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from support.fakes.slack import FakeSlack

ROOT = Path(__file__).parents[3]


class LateSlack(FakeSlack):
    """Answers after `latency` seconds, and counts how many calls it had at once."""

    def __init__(self, channels: int, latency: float) -> None:
        super().__init__(channels={f"c{number}": channel_id(number) for number in range(channels)})
        self._latency = latency
        self._open = self.most_at_once = 0

    async def play(self, request: web.Request, name: str, do: Callable[[], dict[str, Any]]) -> web.StreamResponse:
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            await asyncio.sleep(self._latency)
            return await super().play(request, name, do)
        finally:
            self._open -= 1


def channel_id(number: int) -> str:
    """Id of a channel by its number."""
    return f"C{number:09d}"


@dataclass
class Apart:
    """The fake in its process: `url` while it runs, `told` (posts, distinct, most_at_once, violations) afterwards."""

    url: str
    told: dict[str, Any] = field(default_factory=dict)


@asynccontextmanager
async def running(channels: int, latency: float) -> AsyncIterator[Apart]:
    """Run it for the block."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "support.processes.slack_apart", str(channels), str(latency),
        env=environment, cwd=ROOT, stdin=pipe, stdout=pipe,
    )  # fmt: skip
    assert child.stdout is not None
    try:
        apart = Apart((await child.stdout.readline()).decode().strip())
        yield apart
        told, _ = await child.communicate(b"end\n")
        apart.told.update(json.loads(told))
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def _serve(channels: int, latency: float) -> None:
    async with LateSlack(channels, latency).running() as slack:
        assert isinstance(slack, LateSlack)
        _write(slack.url)
        await asyncio.to_thread(sys.stdin.readline)
        there = [post["metadata"]["event_payload"]["id"] for posts in slack.posts.values() for post in posts]
        told = {"posts": len(there), "distinct": len(set(there)), "most_at_once": slack.most_at_once}
        _write(json.dumps(told | {"violations": slack.violations}))


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))

"""`backstay serve`: chat, schedule and delivery in one process."""

import asyncio

from bot.cli import _options as options
from bot.cli._terminal import clear_errors


def serve(config: options.Config = None) -> None:
    """Answer in chat, post scorecards on schedule and deliver them, until stopped."""
    from bot.app import serve as run

    with clear_errors():
        asyncio.run(run(options.settings(config)))

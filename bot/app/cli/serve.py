"""`backstay serve`: chat, schedule and delivery in one process."""

import asyncio

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors


def serve(config: options.Config = None) -> None:
    """Answer in chat, post scorecards on schedule and deliver them, until stopped."""
    from bot.app.serve import serve as run

    with clear_errors():
        asyncio.run(run(options.settings(config)))

"""`backstay serve`: chat, schedules and delivery in one process."""

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors, run


def serve(config: options.Config = None) -> None:
    """Answer in chat, detect outages, post scorecards and deliver messages, until stopped.

    Exit code: 0 stopped by a signal, 2 bad usage or settings, or the address is taken.
    """
    from bot.app.serve import serve as serve_until_stopped

    with clear_errors():
        run(serve_until_stopped(options.settings(config)))

"""`backstay worker`: read accounts that audits ask for, beside as many other workers as are wanted."""

import asyncio
from typing import Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Accounts read at the same time.")] = 2,
    config: options.Config = None,
) -> None:
    """Read the accounts of audits on this machine, until stopped (audits.workers, PostgreSQL).

    Start as many as wanted, with the same backstay.yaml and credentials. One that dies is replaced by the others within half
    a minute; one that is stopped finishes what it can in 10 s and leaves the rest to them.
    """
    from bot.app import logging_setup as logs
    from bot.app.wiring.audit import work

    with clear_errors():
        settings = options.settings(config)
        logs.configure()
        asyncio.run(work(settings, concurrency))

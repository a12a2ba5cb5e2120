"""`backstay worker`: reads accounts for audits, beside as many other workers as are started."""

from typing import Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors, run


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Accounts that are read at the same time.")] = 2,
    config: options.Config = None,
) -> None:
    """Read accounts for audits on this machine, until stopped.

    Needs audits.workers and a ledger on PostgreSQL. Start as many as needed, with the same backstay.yaml and credentials. If a
    worker dies, the others take over its accounts within 30 s. A stopped worker has 10 s to finish; the others do the rest.
    """
    from bot.app import logging_setup as logs
    from bot.app.wiring.audit import work

    with clear_errors():
        settings = options.settings(config)
        logs.configure()
        run(work(settings, concurrency))

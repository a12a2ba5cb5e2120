"""A child process whose ledger's disk is full after a while and has room again later: `python -m support.processes.full_disk PATH`.

A limit on the size of files stands for the full disk: SQLite is refused the write in the same moment.
"""

import asyncio
import json
import resource
import sys
from typing import Any

from support.builders.posts import START, ManualClock, message
from support.harness.ledgers import ledger_at

from bot.app.jobs.watchdog import Watchdog
from bot.delivery import Sender
from bot.model import Message, Result, Sent
from bot.storage.ledger import Ledger, LedgerError

ROOM = 600_000


class Taking:
    """Takes everything."""

    kind, name, platform = "taking", "taking:it", "taking"

    def __init__(self) -> None:
        self.took: list[str] = []

    async def send(self, message: Message, attempt: int) -> Result:
        self.took.append(message.id)
        return Sent(f"{attempt}")


async def fill(ledger: Ledger) -> tuple[list[str], str]:
    """Post until the disk is full: what was accepted, and what was said in the end."""
    accepted: list[str] = []
    while True:
        name = f"m{len(accepted)}"
        try:
            await ledger.post(message(name, audience=name, title="x" * 20_000), [Taking.name], START)
        except LedgerError as error:
            await use_up(ledger)
            return accepted, str(error)
        accepted.append(name)


async def use_up(ledger: Ledger) -> None:
    """What is too little for a message may be enough for less: write until nothing fits any more."""
    for _ in range(ROOM):
        try:
            await ledger.check_writable()
        except LedgerError:
            return


async def run(path: str) -> dict[str, Any]:
    """Fill, look, make room, and deliver."""
    async with ledger_at(path) as ledger:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
        accepted, said = await fill(ledger)
        clock, route = ManualClock(), Taking()

        async def none() -> tuple[()]:
            return ()

        troubles = await Watchdog(ledger, none, None, clock=clock).problems()
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        after = await Watchdog(ledger, none, None, clock=clock).problems()
        again = await ledger.post(message("later"), [route.name], START)
        await Sender(ledger, {route.name: route}, clock=clock, sleep=clock.sleep).deliver_due()
        told = {"accepted": accepted, "said": said, "troubles": troubles, "after": after, "again": again}
        return told | {"took": route.took}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(run(sys.argv[1]))))

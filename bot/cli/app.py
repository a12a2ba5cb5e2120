"""Every command of the command line, in the order that help lists them."""

import typer

from bot.cli.audit import audit
from bot.cli.delivery import audit_log, receipts, send_test
from bot.cli.demo import demo
from bot.cli.doctor import doctor
from bot.cli.documents import docs
from bot.cli.feed import feed
from bot.cli.hooks import ask, broadcast
from bot.cli.incidents import incidents
from bot.cli.ledger import ledger
from bot.cli.manifest import manifest
from bot.cli.probe import probe
from bot.cli.propose import init
from bot.cli.rules import checks, explain, schema
from bot.cli.serve import serve
from bot.cli.status import status
from bot.cli.whatif import whatif
from bot.cli.worker import worker

app = typer.Typer(
    name="backstay",
    help="How well would your services survive the loss of a zone, a region or a whole cloud?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

for command in (
    demo,
    init,
    audit,
    whatif,
    status,
    probe,
    incidents,
    checks,
    explain,
    schema,
    doctor,
    manifest,
    serve,
    worker,
    send_test,
    receipts,
    audit_log,
    broadcast,
    ask,
):
    app.command()(command)
app.add_typer(feed, name="feed")
app.add_typer(ledger, name="ledger")
app.command(hidden=True)(docs)

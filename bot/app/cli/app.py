"""Every command of the command line, in the order that help lists them."""

import typer

from bot.app.cli.audit import audit
from bot.app.cli.checks import checks, explain, schema
from bot.app.cli.delivery import audit_log, receipts, send_test
from bot.app.cli.demo import demo
from bot.app.cli.docs import docs
from bot.app.cli.doctor import doctor
from bot.app.cli.feed import feed
from bot.app.cli.hooks import ask, broadcast
from bot.app.cli.incidents import incidents
from bot.app.cli.init import init
from bot.app.cli.ledger import ledger
from bot.app.cli.manifest import manifest
from bot.app.cli.probe import probe
from bot.app.cli.serve import serve
from bot.app.cli.status import status
from bot.app.cli.whatif import whatif
from bot.app.cli.worker import worker

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

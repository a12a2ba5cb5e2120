"""`backstay demo`: audits an example estate that is served on this machine; needs no account, no network, no settings."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli.terminal import clear_errors, draw, note, progress, run, write

if TYPE_CHECKING:
    from bot.app.settings import Settings

LOST, LASTS = "aws/us-east-1", timedelta(hours=15)
"""What was lost on 20 October 2025, and for how long."""


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the pages.", file_okay=False)] = Path(
        "backstay-demo"
    ),
) -> None:
    """Audit an example estate and simulate the loss of us-east-1; needs no account and no network."""
    note("Acme Stores is an example: its AWS account is simulated on this machine.\n")
    with clear_errors(), tempfile.TemporaryDirectory(prefix="backstay-demo-") as folder:
        run(_demo(Path(folder), output))


async def _demo(folder: Path, output: Path) -> None:
    from bot.app.demo.estate import estate
    from bot.app.demo.server import example_aws
    from bot.app.settings import load

    now = datetime.now(UTC)
    config = folder / "backstay.yaml"
    config.write_text(_catalogue(now), encoding="utf-8")
    settings = load(config, {"BACKSTAY_LEDGER": str(folder / "backstay.db")})
    async with example_aws(estate(now)) as url:
        with _only_the_example(url, folder):
            await _show(settings, output)


def _catalogue(now: datetime) -> str:
    """The example's catalogue, with dates relative to today so that it does not age."""
    text = (Path(__file__).parent.parent / "demo" / "backstay.yaml").read_text(encoding="utf-8")
    for name, days in (("revenue_day", 40), ("recent_day", 25), ("old_day", 260)):
        text = text.replace(f"{{{name}}}", f"{now - timedelta(days=days):%Y-%m-%d}")
    return text


@contextmanager
def _only_the_example(url: str, folder: Path) -> Iterator[None]:
    """Replace every AWS variable for the block, so that no real account of this machine is read."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in kept:
        del os.environ[name]
    nowhere = str(folder / "none")
    os.environ |= {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "example",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ |= kept


async def _show(settings: "Settings", output: Path) -> None:
    from bot.app.cli.invocation import command
    from bot.app.wiring.audit import open_audit_service
    from bot.cards.messages.full_report import full_report
    from bot.cards.messages.regions_read import regions_of
    from bot.cards.messages.scorecard import estate_card
    from bot.cards.messages.whatif import whatif_card
    from bot.cards.render import html as to_html
    from bot.cards.render import html_report
    from checks import Scope

    async with open_audit_service(settings) as audits:
        with progress("reading") as report:
            audit = await audits.audit((), report)
            lost = await audits.whatif(Scope.parse(LOST), LASTS, report)
        now, card = audits.clock(), audit.scorecard
        lost_card = whatif_card(lost, currency=audits.currency, page=None, regions=regions_of(audit))
        name, read = audits.organisation, regions_of(audit)
        write(draw(estate_card(card, organisation=name, now=now, whole_list=True, regions=read), None), None)
        write("\n" + draw(lost_card, None), None)
        pages = html_report.render(full_report(card, organisation=name, now=now, regions=read))
        write(pages, output / "scorecard.html")
        write(to_html.render(lost_card), output / "whatif.html")
        took = f"{audit.calls} AWS calls, {len(audit.collected.facts)} facts, {audit.seconds:.1f} s"
        note(took)
        note(f"Next, your own account: {command()} audit")

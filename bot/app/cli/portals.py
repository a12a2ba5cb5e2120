"""`backstay portals`: pushes the scores and failed checks of the last audit to developer portals."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, as_json, clear_errors, fail, note, run, say, warn, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.audit.portals.portal import ServiceFacts

SCHEMA = "backstay.portals/1"


def portals(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Push nothing; print the facts of each service.")] = False,
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """Push the scores and failed checks of the last audit to the portals under `portals:`.

    Exit code: 0 done, 1 a portal did not take some services, 2 bad usage or settings.
    """
    with clear_errors():
        settings = options.settings(config)
        if not settings.portals:
            fail("no portal is set", "Set `portals: [{kind: cortex, token: env:CORTEX_TOKEN}]`")
        facts, results = run(_push(settings, dry=dry_run))
    if form is Format.JSON:
        rows = [{"service": fact.service, "entity": fact.entity, **fact.values()} for fact in facts]
        write(as_json({"schema": SCHEMA, "dry_run": dry_run, "services": rows, "refused": results}), output)
    else:
        _print(facts, results, dry=dry_run)
    raise typer.Exit(BELOW if any(results.values()) else 0)


async def _push(settings: "Settings", *, dry: bool) -> "tuple[list[ServiceFacts], dict[str, Mapping[str, str]]]":
    from bot.app.wiring.audit import open_audit_service
    from bot.app.wiring.portals import push_to
    from bot.audit.portals.portal import facts_of
    from bot.audit.tickets.api import TrackerError
    from bot.model import utc_now

    async with open_audit_service(settings) as audits:
        audit = await audits.latest()
    if audit is None:
        fail("there was no audit yet", "Run `backstay audit`")
    facts = facts_of(audit.scorecard, settings.portals[0].names)
    results: dict[str, Mapping[str, str]] = {}
    for portal in () if dry else settings.portals:
        try:
            results[portal.kind] = await push_to(portal, settings, audit.scorecard, utc_now)
        except TrackerError as error:
            results[portal.kind] = {"every service": str(error)}
    return facts, results


def _print(facts: "list[ServiceFacts]", results: Mapping[str, Mapping[str, str]], *, dry: bool) -> None:
    from bot.cards.sanitise import clean

    for fact in facts if dry else ():
        say(f"{clean(fact.service)} ({fact.entity})  {fact.score:.0f} {fact.grade or '-'}  {len(fact.failing)} failing")
    for kind, refused in results.items():
        for service, reason in refused.items():
            warn(f"{kind}: {clean(service)}: {reason}")
        if not refused:
            note(f"{kind}: {len(facts)} services pushed")

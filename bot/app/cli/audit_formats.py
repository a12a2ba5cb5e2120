"""Writes an audit in the formats for other programs and for pull requests."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.app.cli.options import Format

if TYPE_CHECKING:
    from bot.audit.change import PlanChange
    from bot.model.audits import Audit
    from checks import PastScore


def rendered(done: "Audit", form: Format, history: "Sequence[PastScore]" = ()) -> str | None:
    """The audit as a document; None for formats that draw a card (text) or a page (HTML)."""
    if form is Format.JSON:
        from bot.audit.export import json as to_json

        return to_json.scorecard(done, history)
    if form is Format.MARKDOWN:
        from bot.audit.export import markdown as to_markdown

        return to_markdown.scorecard(done, history)
    if form is Format.CSV:
        from bot.audit.export import csv as to_csv

        return to_csv.scorecard(done)
    if form is Format.JUNIT:
        from bot.audit.export import junit as to_junit

        return to_junit.scorecard(done)
    if form is Format.SARIF:
        from bot.audit.export import sarif as to_sarif

        return to_sarif.scorecard(done)
    return None


def rendered_change(made: "PlanChange", form: Format) -> str | None:
    """What a plan changes; None for formats that have the audit after it alone."""
    if form is Format.TEXT:
        from bot.audit.export import change_text

        return change_text.change(made)
    if form is Format.MARKDOWN:
        from bot.audit.export import change_markdown

        return change_markdown.change(made)
    if form is Format.JSON:
        from bot.audit.export import change_json

        return change_json.change(made)
    if form is Format.SARIF:
        from bot.audit.export import sarif

        return sarif.change(made)
    if form is Format.JUNIT:
        from bot.audit.export import junit

        kept = {id(finding) for finding in made.kept}
        return junit.scorecard(made.after, lambda finding: id(finding) in kept)
    return None

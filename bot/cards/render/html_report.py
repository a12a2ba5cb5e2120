"""Renders a whole audit as one HTML page: contents, estate, services folded away, and the checks explained."""

from collections.abc import Iterable
from html import escape
from itertools import groupby

from bot.cards.card import Block, Heading
from bot.cards.render.html import GRADES, draw_block, outside, spans
from bot.cards.render.html_page import page
from bot.cards.render.html_report_style import STYLE
from bot.cards.report import CheckText, FindingEntry, FindingGroup, Report, ServicePart
from bot.cards.sanitise import clean, secure
from bot.cards.wording import count, rounded_down

_SHOWN = 5
_OPEN_CONTENTS = 24
_SKIP = '<a class="skip" href="#services">Skip to the services</a>\n'
_BACK = '<p class="back"><a href="#contents">Back to contents</a></p>'


def render(report: Report) -> str:
    """Render the page; without script, so that services, groups and checks open by the browser's own means."""
    estate = report.estate
    parts, headings = _estate(estate.blocks, estate.title)
    body = [
        f"<h1>{outside(estate.title)}</h1>",
        f'<p class="lead">{outside(estate.summary)}</p>',
        _contents(report, headings),
        *parts,
        '<h2 id="services">Services in detail</h2>',
        *(_service(service, f"s{number}-") for number, service in enumerate(report.services, 1)),
        _checks(report.checks),
    ]
    return page(clean(estate.title), estate.tone, "\n".join(body), style=STYLE, lead_in=_SKIP)


def _estate(blocks: Iterable[Block], title: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The estate's blocks, and (id, text) of each heading among them."""
    parts, headings, caption = [], [], title
    for number, block in enumerate(blocks):
        if isinstance(block, Heading):
            caption = block.text
            headings.append((f"part-{number}", caption))
            parts.append(f'<h2 id="part-{number}">{outside(caption)}</h2>')
        else:
            parts.append(draw_block(block, f"e{number}", caption))
    return parts, headings


def _contents(report: Report, headings: Iterable[tuple[str, str]]) -> str:
    services = "".join(
        f'<li>{_grade(service.gauge.grade)} <a href="#{service.id}">{outside(service.name)}</a></li>'
        for service in report.services
    )
    opened = " open" if len(report.services) <= _OPEN_CONTENTS else ""
    sections = "".join(f'<li><a href="#{place}">{outside(words)}</a></li>' for place, words in headings)
    return (
        f'<nav id="contents" aria-label="Contents"><ul class="sections">{sections}'
        '<li><a href="#services">Services in detail</a></li><li><a href="#checks">Checks explained</a></li></ul>'
        f"<details{opened}><summary>{count(len(report.services), 'service')}</summary>"
        f'<ul class="services">{services}</ul></details></nav>'
    )


def _grade(grade: str) -> str:
    words = "Grade " if grade else "No grade "
    return (
        f'<span class="mark {GRADES.get(grade, "")}"><span class="unseen">{words}</span>{escape(grade) or "?"}</span>'
    )


def _service(service: ServicePart, ids: str) -> str:
    gauge = service.gauge
    score = f"{rounded_down(gauge.score)} of 100" if gauge.grade else "no grade"
    parts = [
        '<details class="service"><summary>',
        _grade(gauge.grade),
        f'<h3>{outside(service.name)}</h3> <span class="score">{score} · {escape(service.tier)}</span>',
        f'<span class="counts">{outside(service.counts)}</span></summary>',
        f'<section id="{service.id}" aria-label="{escape(clean(service.name))}">',
        draw_block(gauge, f"{ids}gauge", service.name),
        *_blocks(service.blocks, ids, service.name),
        *(_group(group) for group in service.groups),
        *_blocks(service.closing, f"{ids}c", service.name),
        _BACK,
        "</section></details>",
    ]
    return "\n".join(parts)


def _blocks(blocks: Iterable[Block], ids: str, caption: str) -> list[str]:
    parts = []
    for number, block in enumerate(blocks):
        if isinstance(block, Heading):
            caption = block.text
        parts.append(draw_block(block, f"{ids}{number}", caption, 4))
    return parts


def _group(group: FindingGroup) -> str:
    entries = f'<ul class="findings">{"".join(_entry(entry) for entry in group.entries)}</ul>'
    if group.folded:
        return f'<details class="group"><summary>{escape(group.heading)}</summary>{entries}</details>'
    return f"<h4>{escape(group.heading)}</h4>{entries}"


def _entry(entry: FindingEntry) -> str:
    docs = _docs(entry.docs)
    fix = f'<p class="fix"><strong>Fix:</strong> {spans(entry.remediation)}{docs}</p>' if entry.remediation else ""
    lone = f"<p>{docs.lstrip()}</p>" if docs and not fix else ""
    return f"<li><p>{spans(entry.headline)}</p>{_verdicts(entry)}{fix}{lone}</li>\n"


def _docs(link: str) -> str:
    """A link to the check's documentation with a space before it; nothing where it is not plain https."""
    return f' <a class="docs" href="{escape(link)}" rel="noopener noreferrer">Documentation</a>' if secure(link) else ""


def _verdicts(entry: FindingEntry) -> str:
    if len(entry.verdicts) == 1 and not entry.left_out:
        return f"<p>{outside(entry.verdicts[0])}</p>"
    lines = [f"<li>{outside(verdict)}</li>" for verdict in entry.verdicts]
    more = f"<li>… and {entry.left_out:,} more</li>" if entry.left_out else ""
    shown = f'<ul class="verdicts">{"".join(lines[:_SHOWN])}</ul>'
    if rest := "".join(lines[_SHOWN:]) + more:
        hidden = len(lines) - _SHOWN + entry.left_out
        shown += f'<details class="more"><summary>{hidden:,} more</summary><ul class="verdicts">{rest}</ul></details>'
    return shown


def _checks(checks: Iterable[CheckText]) -> str:
    listed = list(checks)
    parts = []
    for family, members in groupby(listed, key=lambda check: check.family):
        parts.append(f"<h3>{escape(family)}</h3>")
        parts += [_check(check) for check in members]
    return (
        f'<h2 id="checks">Checks explained</h2><details class="group"><summary>{count(len(listed), "check")}, '
        f"with reason and remediation</summary>\n{chr(10).join(parts)}\n{_BACK}</details>"
    )


def _check(check: CheckText) -> str:
    return (
        f'<details class="check"><summary><code>{escape(check.check_id)}</code> {outside(check.title)}</summary>'
        f'<section id="{check.id}" aria-label="{escape(check.check_id)}"><p>Severity: {spans(check.severity)}</p>'
        f"<p><strong>Why:</strong> {spans(check.lesson)}</p>"
        f'<p class="fix"><strong>Fix:</strong> {spans(check.remediation)}{_docs(check.docs)}</p></section></details>'
    )

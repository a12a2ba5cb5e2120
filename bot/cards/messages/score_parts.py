"""Parts of score cards: grade, trend, caps, next fixes, the weeks before."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.cards.card import Block, Button, Chart, Gauge, Heading, Items, Paragraph, Span, Text, Tone, text
from bot.cards.messages.remediation import failing_products, for_products
from bot.cards.sanitise import clean, cut, isolated
from bot.cards.wording import SEVERITIES, ago, count, gain, points, rounded_down, score_change, with_code
from checks import Cap, Fix, PastScore, Scorecard, ServiceScore, Trend

FIXES = 3
CAPS = 4
WEEKS = 12
FIRST_SCORE = Paragraph(text("First scorecard, no trend yet."), quiet=True)
_REMEDY, _PROBLEM = 300, 160
_NAMES, _IDS = 3, 6
_TONES: dict[str, Tone] = {"A": "good", "B": "good", "C": "warning", "D": "bad", "F": "bad"}


def command(*words: str, page: int = 0) -> str:
    """A command line; a name with spaces or quotes is quoted."""
    line = shlex.join(words)
    return f"{line} page={page}" if page else line


def grade_tone(grade: str) -> Tone:
    """The tone of a grade; neutral without one."""
    return _TONES.get(grade, "neutral")


def score_title(name: str, score: ServiceScore | Scorecard) -> str:
    """`checkout: grade B, 82 of 100`."""
    grade = f"grade {score.grade}, {rounded_down(score.score)} of 100" if score.grade else "no grade, coverage too low"
    return f"{isolated(name)}: {grade}"


def gauge(score: ServiceScore | Scorecard, trend: Trend | None) -> Gauge:
    """The grade. It shows the change only where that is about a week old and the set of checks is the same."""
    change = trend.change if trend and _plain_week(trend, score) else None
    return Gauge(score.score, score.low, score.high, score.grade, score.coverage, change)


def _plain_week(trend: Trend, score: ServiceScore | Scorecard) -> bool:
    if trend.rules_changed:
        return False
    made = score.generated_at if isinstance(score, Scorecard) else None
    return made is None or timedelta(days=5) <= made - trend.since.at <= timedelta(days=9)


def trend_blocks(score: ServiceScore | Scorecard, trend: Trend | None) -> list[Block]:
    """The change and its date, where the gauge does not show it: another date than a week ago, or another set of checks."""
    if trend is None:
        return [FIRST_SCORE]
    if _plain_week(trend, score):
        return []
    grade = f"grade {trend.since.grade}, " if trend.since.grade else ""
    said = f" (then {grade}{rounded_down(trend.since.score)})."
    if trend.rules_changed:
        said += " The set of checks changed since, so part of this change comes from the checks, not from the estate."
    return [Paragraph(text(f"{score_change(trend.change)} since ", Span(at=trend.since.at, day=True), said))]


def check_titles(scores: Iterable[ServiceScore]) -> dict[str, str]:
    """The titles of all evaluated checks, by id."""
    return {point.check.id: point.check.title for score in scores for point in score.points}


def changed_checks(trend: Trend | None, named: Mapping[str, str], *, at_most: int = 5) -> list[Block]:
    """Checks that fail newly or were fixed since the score before."""
    if trend is None:
        return []
    blocks: list[Block] = []
    for heading, ids in (("Newly failing", trend.broken), ("Fixed", trend.fixed)):
        if ids:
            state = Span("failing", "bad") if ids is trend.broken else Span("fixed", "good")
            lines = tuple(
                text(state, " ", Span(id_, "code"), " ", Span(named.get(id_, "a removed check"), "bold")) for id_ in ids
            )
            blocks += [Heading(heading), Items(lines[:at_most], left_out=max(0, len(lines) - at_most))]
    return blocks


def cap_blocks(found: Sequence[tuple[str, Cap]]) -> list[Block]:
    """The score caps, lowest first; services under the same cap share a line. `found`: (service or empty, cap)."""
    grouped: dict[Cap, list[str]] = {}
    for name, cap in sorted(found, key=lambda pair: pair[1].at_most):
        grouped.setdefault(replace(cap, checks=()), []).append(name)
    because = {replace(cap, checks=()): cap.checks for _, cap in found}
    lines = [_cap(cap, because[cap], [name for name in names if name]) for cap, names in grouped.items()]
    if not lines:
        return []
    return [Heading("Score caps"), Items(tuple(lines[:CAPS]), left_out=max(0, len(lines) - CAPS))]


def _cap(cap: Cap, ids: Sequence[str], names: Sequence[str]) -> Text:
    who = f" ({_names(names)})" if names else ""
    shown = text(Span(f"Score capped at {cap.at_most}", "bold"), f": {cap.because}{who}")
    return shown if len(names) > 1 else text(*shown, " ", Span(", ".join(ids[:_IDS]), "code"))


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(isolated(cut(name, 60)) for name in names[:_NAMES])
    return f"{shown} and {count(len(names) - _NAMES, 'other')}" if len(names) > _NAMES else shown


def fix_blocks(found: Sequence[Fix], scores: Sequence[ServiceScore], *, estate: bool) -> list[Block]:
    """The next fixes, largest gain first: the gain, the problem, the remediation and how to read more.

    `scores`: of the services that the fixes are for; they tell which products a fix is about.
    """
    if not found:
        return []
    shown = found[:FIXES]
    named = {fix.service for fix in shown}
    products = failing_products(score for score in scores if score.service.name in named)
    lines = tuple(_fix(fix, products.get((fix.service, fix.check.id), frozenset()), estate=estate) for fix in shown)
    return [Heading("Fix next"), Items(lines, numbered=True)]


def _fix(fix: Fix, products: frozenset[str], *, estate: bool) -> Text:
    notes = [count(fix.resources, "resource")] if fix.resources > 1 else []
    notes += [f"+{points(fix.estate_gain)} on the estate"] if estate else []
    if others := [id_ for id_ in fix.together if id_ != fix.check.id]:
        notes.append(f"together with {', '.join(others[:_IDS])}")
    return text(
        Span(gain(fix.gain), "bold"),
        f" on {isolated(cut(fix.service, 80))}" if estate else "",
        ": ",
        Span(problem_of(fix, _PROBLEM), "bold"),
        " (",
        Span(fix.check.severity.value, SEVERITIES[fix.check.severity]),
        "".join(f", {note}" for note in notes),
        "). ",
        *with_code(cut(for_products(fix.check.remediation, products), _REMEDY)),
        " ",
        Span(f"explain {fix.check.id}", "code"),
    )


def problem_of(fix: Fix, limit: int) -> str:
    """The failing verdict that a fix is for, as one phrase without a full stop, at most `limit` characters."""
    return cut(fix.summary.rstrip("."), limit)


def top_fix(fix: Fix, *, where: str = "") -> str:
    """`Top fix on login (+7 points): table users has no replica outside us-east-1`. `where` empty: no service is named."""
    place = f" on {isolated(cut(where, 60))}" if where else ""
    return f"Top fix{place} ({gain(fix.gain)}): {problem_of(fix, _PROBLEM)}"


def history_chart(history: Sequence[PastScore], now: datetime, current: float, name: str) -> list[Block]:
    """The last 12 weeks, one point a week; nothing where there is no earlier week."""
    weeks: dict[int, PastScore] = {}
    for past in sorted(history, key=lambda entry: entry.at):
        week = (now - past.at) // timedelta(weeks=1)
        if 0 < week <= WEEKS - 1:
            weeks[week] = past
    if not weeks:
        return []
    name = isolated(cut(clean(name), 40))
    earlier = [weeks[week] for week in sorted(weeks, reverse=True)]
    shown = [(f"{past.at.day} {past.at:%b}", past.score) for past in earlier] + [(f"{now.day} {now:%b}", current)]
    low, first = min(shown, key=lambda point: point[1]), shown[0]
    alt = f"From {rounded_down(first[1])} on {first[0]} to {rounded_down(current)} on {shown[-1][0]}"
    alt += f", lowest {rounded_down(low[1])} on {low[0]}." if low[1] < min(first[1], current) else "."
    if len({past.ruleset for past in earlier}) > 1:
        alt += " The set of checks changed in between."
    moments = (*(past.at for past in earlier), now)
    return [Chart(f"Score of {name}", tuple(shown), alt, moments=moments)]


def last_audit(read_at: datetime | None, now: datetime) -> Paragraph:
    """When the cloud was last read, and how long ago."""
    if read_at is None:
        return Paragraph(text("No audit so far."), quiet=True)
    return Paragraph(text("Last audit ", Span(at=read_at), f" ({ago(read_at, now)})."), quiet=True)


def fixes_data(found: Sequence[Fix]) -> list[dict[str, Any]]:
    """The same steps for machines."""
    return [
        {"service": fix.service, "check": fix.check.id, "gain": round(fix.gain, 2), "title": fix.check.title}
        for fix in found[:FIXES]
    ]


def score_data(score: ServiceScore | Scorecard) -> dict[str, Any]:
    """A score for machines, under the names of the JSON report."""
    return {
        "score": round(score.score, 2),
        "low": round(score.low, 2),
        "high": round(score.high, 2),
        "grade": score.grade,
        "coverage": round(score.coverage, 4),
        "caps": [{"at_most": cap.at_most, "because": cap.because, "checks": list(cap.checks)} for cap in score.caps],
        "fixes": fixes_data(score.fixes),
    }


def pager(page: int, pages: int, *words: str, first: int = 1) -> tuple[Button, ...]:
    """Buttons to the pages before and after; `first` is the number of the first page."""
    made = []
    if page > first:
        made.append(Button("Previous", command(*words, page=page - 1)))
    if page < first + pages - 1:
        made.append(Button("Next", command(*words, page=page + 1)))
    return tuple(made)

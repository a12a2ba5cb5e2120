"""Parts of score cards: grade, trend, caps, next fixes, the weeks before."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.cards.card import Block, Button, Chart, Gauge, Heading, Items, Paragraph, Span, Text, Tone, text
from bot.cards.messages.remediation import Failing, failing_in, remedy_for
from bot.cards.sanitise import clean, cut, isolated
from bot.cards.wording import SEVERITIES, count, gain, listed, points, rounded_down, score_change, with_code
from checks import (
    FIX_ORDER,
    Cap,
    Fix,
    FixLine,
    Grant,
    PastScore,
    Scorecard,
    ServiceScore,
    Trend,
    fix_lines,
    on_word_sentence,
)

FIXES = 3
CAPS = 4
WEEKS = 12
_REMEDY, _PROBLEM, _TITLE = 300, 160, 80
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
    return f"{isolated(cut(name, _TITLE))}: {grade}"


def gauge(score: ServiceScore | Scorecard) -> Gauge:
    """The coverage and the interval of a score; grade and trend are in the title and the summary."""
    return Gauge(score.score, score.low, score.high, score.grade, score.coverage)


def trend_words(trend: Trend | None) -> str:
    """The change with its date, as a sentence, and whether the set of checks is another: then it is not the estate's alone."""
    if trend is None:
        return "First scorecard, no trend yet."
    said = f"{score_change(trend.change)} since {trend.since.at.day} {trend.since.at:%b}."
    return said + (" The set of checks changed since." if trend.rules_changed else "")


def changed_words(trend: Trend | None) -> str:
    """`1 check newly failing, 2 fixed.`, empty where nothing changed."""
    broken, fixed = (len(trend.broken), len(trend.fixed)) if trend else (0, 0)
    said = [f"{count(broken, 'check')} newly failing"] if broken else []
    said += [f"{fixed:,} fixed" if broken else f"{count(fixed, 'check')} fixed"] if fixed else []
    return f"{', '.join(said)}." if said else ""


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
    """The score caps, lowest first; services under the same cap share a line that names them. `found`: (service or empty, cap)."""
    grouped: dict[Cap, list[str]] = {}
    for name, cap in sorted(found, key=lambda pair: pair[1].at_most):
        grouped.setdefault(replace(cap, checks=()), []).append(name)
    because = {replace(cap, checks=()): cap.checks for _, cap in found}
    lines = [_cap(cap, because[cap], [name for name in names if name]) for cap, names in grouped.items()]
    if not lines:
        return []
    return [Heading("Score caps"), Items(tuple(lines[:CAPS]), left_out=max(0, len(lines) - CAPS))]


def _cap(cap: Cap, ids: Sequence[str], names: Sequence[str]) -> Text:
    shown = text(Span(f"{whose_score(names)} capped at {rounded_down(cap.at_most)}", "bold"), f": {cap.because}")
    return shown if len(names) > 1 else text(*shown, " ", Span(", ".join(ids[:_IDS]), "code"))


def whose_score(names: Sequence[str]) -> str:
    """`Score`, `Score of checkout`, `Scores of login and payments`: a cap belongs to a service, never to the estate."""
    if not names:
        return "Score"
    return f"{'Scores' if len(names) > 1 else 'Score'} of {listed([cut(name, 60) for name in names], _NAMES)}"


def fix_blocks(score: ServiceScore | Scorecard) -> list[Block]:
    """The next fixes in their one order, explained below: the gain, the problem, the remediation and how to read more.

    Where little was read, what to let backstay read comes first. The same fix on several services is one line.
    """
    estate = isinstance(score, Scorecard)
    found = fix_lines(score.fixes) if estate else tuple(FixLine((fix,)) for fix in score.fixes)
    grants = [grant_words(grant) for grant in score.read_first[:FIXES]]
    shown = found[: max(1, FIXES - len(grants))]
    if not grants and not shown:
        return []
    named = {fix.service for line in shown for fix in line.fixes}
    scores = score.services if isinstance(score, Scorecard) else (score,)
    failing = failing_in(scored for scored in scores if scored.service.name in named)
    lines = [
        _fix(
            line,
            frozenset().union(*(failing.get((fix.service, fix.check.id), ()) for fix in line.fixes)),
            estate=estate,
        )
        for line in shown
    ]
    order = (
        f"Order: {f'missing permissions, then c{FIX_ORDER[1:]}' if grants else FIX_ORDER[0].lower() + FIX_ORDER[1:]}."
    )
    return [Heading("Fix next"), Items((*grants, *lines), numbered=True), Paragraph(text(order), quiet=True)]


def grant_words(grant: Grant) -> Text:
    """What to let backstay read, and what is unknown until then: `Grant rds:DescribeDBInstances: 34 findings on 3 services unknown`."""
    unknown = f"{count(grant.unknown, 'finding')} on {listed(grant.services, 2)} unknown until then"
    if not grant.action:
        what = "Correct its `resources`" if grant.nothing_found else "Make readable"
        return text(Span(what, "bold"), f": {cut(grant.reason, _PROBLEM)}; {unknown}.")
    return text(
        Span("Grant ", "bold"),
        Span(grant.action, "code"),
        f" to backstay: access denied, {unknown}. ",
        Span("backstay manifest aws", "code"),
        " prints the policy.",
    )


def _fix(line: FixLine, failing: Failing, *, estate: bool) -> Text:
    fix, resources = line.fixes[0], sum(fix.resources for fix in line.fixes)
    notes = [count(resources, "resource")] if resources > len(line.fixes) else []
    notes += [f"+{points(line.estate_gain)} on the estate"] if estate else []
    if others := [id_ for id_ in fix.together if id_ != fix.check.id]:
        notes.append(f"together with {', '.join(others[:_IDS])}")
    return text(
        Span(gain(fix.gain), "bold"),
        *(_where(line) if estate else ()),
        ": ",
        Span(problem_of(fix, _PROBLEM), "bold"),
        " (",
        Span(fix.check.severity.value, SEVERITIES[fix.check.severity]),
        "".join(f", {note}" for note in notes),
        "). ",
        *with_code(cut(remedy_for(fix.check, failing), _REMEDY)),
        " ",
        Span(f"explain {fix.check.id}", "code"),
    )


def _where(line: FixLine) -> Iterator[str | Span]:
    """` on login`, ` on login, +5.4 on checkout`: every service with its gain, a few of them by name."""
    shown = line.fixes[: _NAMES + 1] if len(line.fixes) <= _NAMES + 1 else line.fixes[:_NAMES]
    for at, fix in enumerate(shown):
        if at:
            yield ", "
            yield Span(f"+{points(fix.gain)}", "bold")
        yield f" on {isolated(cut(fix.service, 80))}"
    if len(line.fixes) > len(shown):
        yield f" and {count(len(line.fixes) - len(shown), 'other')}"


def all_pass(score: ServiceScore | Scorecard) -> bool:
    """Whether nothing fails and nothing is unknown: a failure whose fix gains nothing is none of the fixes."""
    scores = score.services if isinstance(score, Scorecard) else (score,)
    return not any(counted.failed or counted.unknown for scored in scores for counted in scored.points)


def word_blocks(score: ServiceScore | Scorecard) -> list[Block]:
    """How many points rest on somebody's word, apart from what was read; nothing where none do."""
    if score.on_word < 0.05:
        return []
    return [Paragraph(text(f"{on_word_sentence(score.score, score.on_word)}."))]


def top_words(score: ServiceScore | Scorecard) -> str:
    """What to do first, as a phrase; empty where there is nothing."""
    if score.read_first:
        return (
            f"Top fix: {''.join(span.text for span in grant_words(score.read_first[0])).partition('. ')[0].rstrip('.')}"
        )
    if not score.fixes:
        return ""
    return top_fix(score.fixes[0], where=score.fixes[0].service if isinstance(score, Scorecard) else "")


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


def last_audit(read_at: datetime | None, regions: str = "") -> Paragraph:
    """When the cloud was last read: a moment, since a posted card grows old. `regions`: which of it, as `regions_read` says."""
    if read_at is None:
        return Paragraph(text("No audit so far."), quiet=True)
    return Paragraph(text("Last audit ", Span(at=read_at), f"; {regions}." if regions else "."), quiet=True)


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
        "on_word": round(score.on_word, 2),
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

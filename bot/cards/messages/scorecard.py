"""The answer to `scorecard`: the grade of the estate or of a service, what changed and what to fix next."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Chart, Heading, Paragraph, Span, Table, Text, text
from bot.cards.messages.recovery_words import recovery_blocks
from bot.cards.messages.score_parts import (
    all_pass,
    cap_blocks,
    changed_checks,
    check_titles,
    command,
    fix_blocks,
    gauge,
    grade_tone,
    history_chart,
    last_audit,
    pager,
    problem_of,
    score_data,
    score_title,
    top_words,
    trend_words,
    word_blocks,
)
from bot.cards.messages.short_scorecard import short_card
from bot.cards.messages.unread_accounts import unread_accounts
from bot.cards.sanitise import cut
from bot.cards.wording import count, family_name, percent, rounded_down
from checks import Cap, Gap, PastScore, Points, Scorecard, ServiceScore, Trend

_SERVICES = "Services by tier, lowest score first"
_WEAKEST = 3
_STATES = ("failed", "unknown", "passed", "waived", "not applicable")
PER_PAGE = 20


def estate_card(  # noqa: PLR0913 - all by keyword but the scorecard
    scorecard: Scorecard,
    *,
    organisation: str,
    now: datetime,
    trend: Trend | None = None,
    history: Sequence[PastScore] = (),
    whole_list: bool = False,
    gaps: Sequence[Gap] = (),
    regions: str = "",
    live: Sequence[Paragraph] = (),
) -> Card:
    """The scorecard of the whole estate.

    Args:
        scorecard: what was judged.
        organisation: whose estate.
        now: the present moment (UTC), for the chart.
        trend: the change since an earlier score, None where there is none.
        history: the estate's remembered scores, for the chart.
        whole_list: all that is known, for a page or a terminal; a chat shows what a phone has room for.
        gaps: places that could not be read; unreadable accounts are named.
        regions: which regions were read, as `regions_read` says.
        live: how the objectives stand now, a line each.
    """
    shown = worst_first(scorecard.services)
    data = score_data(scorecard) | {
        "generated_at": scorecard.generated_at.isoformat(),
        "ruleset": scorecard.ruleset,
        "services": len(scorecard.services),
    }
    caps, buttons = lowest_caps(scorecard), _estate_buttons(shown)
    if not whole_list:
        return short_card(
            scorecard,
            kind="scorecard",
            title=organisation,
            trend=trend,
            caps=caps,
            buttons=buttons,
            gaps=gaps,
            live=live,
            regions=regions,
            data=data,
        )
    blocks: list[Block] = [
        gauge(scorecard),
        *live,
        *word_blocks(scorecard),
        *unread_accounts(gaps),
        *cap_blocks(caps),
        *fix_blocks(scorecard),
        *history_chart(history, now, scorecard.score, organisation),
        *changed_checks(trend, check_titles(scorecard.services)),
        Heading(_SERVICES),
        services_table(shown),
        last_audit(scorecard.generated_at, regions),
        Buttons(buttons),
    ]
    summary = f"{count(len(scorecard.services), 'service')}. {_summary(scorecard, trend)}".strip()
    title = score_title(organisation, scorecard)
    return Card("scorecard", title, summary, tuple(blocks), grade_tone(scorecard.grade), data)


def estate_page(  # noqa: PLR0913 - all by keyword but the scorecard
    scorecard: Scorecard,
    *,
    organisation: str,
    now: datetime,
    page: int,
    trend: Trend | None = None,
    history: Sequence[PastScore] = (),
    gaps: Sequence[Gap] = (),
    regions: str = "",
) -> Card:
    """The details of an estate: on the first page what changed and what caps the scores, on each page its services.

    `page` as typed in the command: 2 is the first of them; the rest as in `estate_card`.
    """
    shown = worst_first(scorecard.services)
    pages = max(1, -(-len(shown) // PER_PAGE))
    page = min(max(page, 2), pages + 1)
    rows = shown[(page - 2) * PER_PAGE : (page - 1) * PER_PAGE]
    before: list[Block] = []
    if page == 2:
        before += [*unread_accounts(gaps), *changed_checks(trend, check_titles(scorecard.services))]
        before += [*cap_blocks(lowest_caps(scorecard)), *history_chart(history, now, scorecard.score, organisation)]
    blocks: tuple[Block, ...] = (
        *before,
        *((Heading(_SERVICES),) if before else ()),
        services_table(rows),
        last_audit(scorecard.generated_at, regions),
        Buttons((*pager(page, pages, "scorecard", first=2), Button("Overview", "scorecard"))),
    )
    summary = f"Page {page - 1} of {pages}: {count(len(shown), 'service')}, by tier, lowest score first."
    listed = [
        {
            "service": row.service.name,
            "score": round(row.score, 2),
            "grade": row.grade,
            "coverage": round(row.coverage, 4),
        }
        for row in rows
    ]
    data = {"page": page, "pages": pages, "services": listed}
    return Card("services", score_title(organisation, scorecard), summary, blocks, grade_tone(scorecard.grade), data)


def service_card(  # noqa: PLR0913 - all by keyword but the score
    score: ServiceScore,
    *,
    now: datetime,
    read_at: datetime | None,
    trend: Trend | None = None,
    history: Sequence[PastScore] = (),
    whole: bool = False,
    live: Sequence[Paragraph] = (),
) -> Card:
    """The scorecard of one service. `read_at`: when the cloud was read for it; `whole` and the rest as in `estate_card`."""
    name = score.service.name
    data = {"service": name, "tier": score.service.tier.number} | score_data(score)
    caps = [("", cap) for cap in score.caps]
    buttons = (
        Button("Details", command("scorecard", name, page=2), update=False, primary=True),
        Button("Audit again", command("check", name)),
        Button("Explain score", command("explain", name), update=False),
    )
    if not whole:
        return short_card(
            score, kind="scorecard", title=name, trend=trend, caps=caps, buttons=buttons, live=live, data=data
        )
    blocks: list[Block] = [
        gauge(score),
        *live,
        *word_blocks(score),
        *cap_blocks(caps),
        *fix_blocks(score),
        *history_chart(history, now, score.score, name),
        *changed_checks(trend, check_titles([score])),
        *recovery_blocks(score),
        *families(score),
        last_audit(read_at),
        Buttons(buttons),
    ]
    summary = _summary(score, trend)
    return Card("scorecard", score_title(name, score), summary, tuple(blocks), grade_tone(score.grade), data)


def services_table(rows: Sequence[ServiceScore], *, left_out: int = 0) -> Table:
    """One row per service: grade, score, coverage and the main reason for its score."""
    columns = ("Service", "Tier", "Grade", "Score", "Coverage", "Main reason")
    return Table(columns, tuple(_row(row) for row in rows), left_out=max(0, left_out))


def worst_first(scores: Sequence[ServiceScore]) -> list[ServiceScore]:
    """Most important tier first, within it the lowest score first."""
    return sorted(scores, key=lambda score: (score.service.tier.number, score.score, score.service.name))


def _row(score: ServiceScore) -> tuple[Text, ...]:
    grade = Span(score.grade, "bold") if score.grade else Span("no grade", "unclear")
    because = f"Capped{str(score.held_by).removeprefix('capped')}" if score.held_by else ""
    if not because and score.read_first:
        because = f"Unread: {cut(score.read_first[0].reason, 120)}"
    elif not because and score.fixes:
        worst = max(score.fixes, key=lambda fix: fix.check.severity.weight)
        because = f"Failing: {problem_of(worst, 120)}"
    return (
        text(cut(score.service.name, 200)),
        text(str(score.service.tier.number)),
        text(grade),
        text(rounded_down(score.score) + ("" if score.high - score.low < 1 else f"-{rounded_down(score.high)}")),
        text(percent(score.coverage)),
        text(because or "–"),
    )


def _summary(score: ServiceScore | Scorecard, trend: Trend | None) -> str:
    said = [trend_words(trend)]
    if isinstance(score, ServiceScore) and score.held_by:
        said.append(f"Score {score.held_by}.")
    if first := top_words(score):
        said.append(f"{first}.")
    elif score.grade and all_pass(score):
        said.append("All checks pass.")
    return " ".join(said)


def families(score: ServiceScore) -> list[Block]:
    """The score of each family of checks, as bars and as a table."""
    if not score.families:
        return []
    rows = sorted(score.families.items(), key=lambda row: row[1])
    shown = tuple(
        (text(family_name(name)), text(_between(low, high)), text(_counts(score, name))) for name, (low, high) in rows
    )
    table = Table(("Family", "Score", "Checks"), shown)
    bars = tuple(
        (family_name(name) + ("" if high - low < 1 else " (partly unknown)"), low) for name, (low, high) in rows
    )
    weakest = "; ".join(
        f"{family_name(name)} {_between(*share)} ({_counts(score, name)})" for name, share in rows[:_WEAKEST]
    )
    return [
        Heading("Families, lowest score first"),
        Chart("Score by family", bars, f"Lowest: {weakest}.", kind="bars", instead=table),
    ]


def _between(low: float, high: float) -> str:
    return rounded_down(low) if high - low < 1 else f"{rounded_down(low)}-{rounded_down(high)}"


def _counts(score: ServiceScore, family: str) -> str:
    mine = [point for point in score.points if point.check.family == family]
    states = Counter(_state(point) for point in mine)
    said = [f"{states[state]} {state}" for state in _STATES if states[state]]
    return f"{count(len(mine), 'check')}: {', '.join(said)}"


def _state(point: Points) -> str:
    """The worst that a check found on a service, in a word: each check is counted once."""
    return next(
        (state for state in ("failed", "unknown", "passed", "waived") if getattr(point, state)), "not applicable"
    )


def lowest_caps(scorecard: Scorecard) -> list[tuple[str, Cap]]:
    """Each service that has a cap, with the lowest of its caps."""
    found = [score for score in worst_first(scorecard.services) if score.caps]
    return [(score.service.name, min(score.caps, key=lambda cap: cap.at_most)) for score in found]


def _estate_buttons(shown: Sequence[ServiceScore]) -> tuple[Button, ...]:
    worst = [
        Button(cut(entry.service.name, 40), command("scorecard", entry.service.name), update=False)
        for entry in shown[:3]
    ]
    return (
        Button("Details", command("scorecard", page=2), update=False, primary=True),
        *worst,
        Button("What if …", "help whatif", update=False),
    )

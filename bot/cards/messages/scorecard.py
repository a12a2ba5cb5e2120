"""The answer to `scorecard`: the grade of the estate or of a service, what changed and what to fix next."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Chart, Heading, Span, Table, Text, text
from bot.cards.messages.score_parts import (
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
    top_fix,
    trend_blocks,
)
from bot.cards.messages.unread_accounts import unread_accounts
from bot.cards.sanitise import cut
from bot.cards.wording import count, family_name, percent, rounded_down, score_change
from checks import Cap, Fix, Gap, PastScore, Scorecard, ServiceScore, Trend

FIRST = 10
_WEAKEST = 3
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
) -> Card:
    """The scorecard of the whole estate.

    Args:
        scorecard: what was judged.
        organisation: whose estate.
        now: the present moment (UTC), for the age of the data.
        trend: the change since about a week ago, None where there is no earlier score.
        history: the estate's remembered scores, for the chart.
        whole_list: every service in the table, for a page or a terminal; a chat message shows the worst ten.
        gaps: places that could not be read; unreadable accounts are named.
    """
    shown = worst_first(scorecard.services)
    rows = shown if whole_list else shown[:FIRST]
    blocks: list[Block] = [
        gauge(scorecard, trend),
        *unread_accounts(gaps),
        *trend_blocks(scorecard, trend),
        *cap_blocks(lowest_caps(scorecard)),
        *fix_blocks(scorecard.fixes, scorecard.services, estate=True),
        *history_chart(history, now, scorecard.score, organisation),
        *changed_checks(trend, check_titles(scorecard.services)),
        Heading("Services by tier, lowest score first"),
        services_table(rows, left_out=len(shown) - len(rows)),
        last_audit(scorecard.generated_at, now),
        Buttons(_estate_buttons(shown)),
    ]
    data = score_data(scorecard) | {
        "generated_at": scorecard.generated_at.isoformat(),
        "ruleset": scorecard.ruleset,
        "services": len(scorecard.services),
    }
    summary = f"{count(len(scorecard.services), 'service')}. {_summary(scorecard, trend, scorecard.fixes)}".strip()
    return Card(
        "scorecard", score_title(organisation, scorecard), summary, tuple(blocks), grade_tone(scorecard.grade), data
    )


def estate_page(scorecard: Scorecard, *, organisation: str, now: datetime, page: int) -> Card:
    """A page of the estate's services. `page` as typed in the command: 2 is the first page of the list."""
    shown = worst_first(scorecard.services)
    pages = max(1, -(-len(shown) // PER_PAGE))
    page = min(max(page, 2), pages + 1)
    rows = shown[(page - 2) * PER_PAGE : (page - 1) * PER_PAGE]
    blocks: tuple[Block, ...] = (
        services_table(rows),
        last_audit(scorecard.generated_at, now),
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


def service_card(
    score: ServiceScore,
    *,
    now: datetime,
    read_at: datetime | None,
    trend: Trend | None = None,
    history: Sequence[PastScore] = (),
) -> Card:
    """The scorecard of one service. `read_at`: when the cloud was read for it; the rest as in `estate_card`."""
    name = score.service.name
    blocks: list[Block] = [
        gauge(score, trend),
        *trend_blocks(score, trend),
        *cap_blocks([("", cap) for cap in score.caps]),
        *fix_blocks(score.fixes, [score], estate=False),
        *history_chart(history, now, score.score, name),
        *changed_checks(trend, check_titles([score])),
        *_families(score),
        last_audit(read_at, now),
        Buttons(
            (
                Button("Details", command("scorecard", name, page=2), update=False, primary=True),
                Button("Audit again", command("check", name)),
                Button("Explain score", command("explain", name), update=False),
            )
        ),
    ]
    data = {"service": name, "tier": score.service.tier.number} | score_data(score)
    summary = _summary(score, trend, score.fixes)
    return Card("scorecard", score_title(name, score), summary, tuple(blocks), grade_tone(score.grade), data)


def services_table(rows: Sequence[ServiceScore], *, left_out: int = 0) -> Table:
    """One row per service: grade, score, coverage and the main reason for its score."""
    columns = ("Service", "Tier", "Grade", "Score", "Coverage", "Main reason")
    return Table(columns, tuple(_row(row) for row in rows), left_out=max(0, left_out))


def worst_first(scores: Sequence[ServiceScore]) -> list[ServiceScore]:
    """Most important tier first, within it the lowest score first."""
    return sorted(scores, key=lambda score: (score.service.tier.number, score.score, score.service.name))


def _row(score: ServiceScore) -> tuple[Text, ...]:
    lowest = min(score.caps, key=lambda cap: cap.at_most, default=None)
    grade = Span(score.grade, "bold") if score.grade else Span("no grade", "unclear")
    because = f"Capped at {lowest.at_most}: {lowest.because}" if lowest else ""
    if not lowest and score.fixes:
        because = f"Failing: {problem_of(score.fixes[0], 120)}"
    return (
        text(cut(score.service.name, 200)),
        text(str(score.service.tier.number)),
        text(grade),
        text(rounded_down(score.score) + ("" if score.high - score.low < 1 else f"-{rounded_down(score.high)}")),
        text(percent(score.coverage)),
        text(because or "–"),
    )


def _summary(score: ServiceScore | Scorecard, trend: Trend | None, found: Sequence[Fix]) -> str:
    if not score.grade:
        said = f"Coverage is only {percent(score.coverage)}, too low for a grade."
    else:
        said = "" if found else "All checks pass."
        if trend is not None and not trend.rules_changed:
            said = f"{score_change(trend.change)} since {trend.since.at.day} {trend.since.at:%b}. {said}".strip()
    if isinstance(score, ServiceScore) and score.caps:
        lowest = min(score.caps, key=lambda cap: cap.at_most)
        said += f" Score capped at {lowest.at_most}: {lowest.because}"
        said += "" if said.endswith(".") else "."
    if found:
        said += f" {top_fix(found[0], where=found[0].service if isinstance(score, Scorecard) else '')}."
    return said.strip()


def _families(score: ServiceScore) -> list[Block]:
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
    failing = sum(1 for point in mine if point.failed)
    unread = sum(1 for point in mine if point.unknown and not point.failed)
    said = [f"{failing} of {len(mine)} failing" if failing else f"{count(len(mine), 'check')}, none failing"]
    return ", ".join(said + ([f"{unread} unknown"] if unread else []))


def lowest_caps(scorecard: Scorecard) -> list[tuple[str, Cap]]:
    """Each service that a cap holds down, with the lowest of its caps."""
    found = [score for score in worst_first(scorecard.services) if score.caps]
    return [(score.service.name, min(score.caps, key=lambda cap: cap.at_most)) for score in found]


def _estate_buttons(shown: Sequence[ServiceScore]) -> tuple[Button, ...]:
    worst = [
        Button(cut(entry.service.name, 40), command("scorecard", entry.service.name), update=False)
        for entry in shown[:3]
    ]
    return (
        Button("All services", command("scorecard", page=2), update=False, primary=True),
        *worst,
        Button("What if …", "help whatif", update=False),
    )

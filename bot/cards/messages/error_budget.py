"""Error budgets: the early warning that one burns too fast, its end, the answer to `slo`, and the lines of a scorecard."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Table, Text, Tone, text
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import brief, cut
from bot.cards.wording import count, duration, listed
from bot.model.slos import BurnEpisode, BurnLevel, SloReading, SloState
from checks import SignalKind

FRESH = timedelta(minutes=15)
"""A reading older than this says nothing about now."""

MOST = 20
_COVERED = 0.9
"""A smaller part of the period with metrics is told: what was spent before them is not known."""

_NAME, _TITLE = 60, 120
_LINE_WORDS = 15
_COMPARED = {"lte": "at most", "lt": "less than", "gte": "at least", "gt": "more than"}
_TONES: dict[BurnLevel, Tone] = {BurnLevel.FAST: "bad", BurnLevel.SLOW: "warning", BurnLevel.NONE: "good"}


def burn_card(reading: SloReading, episode: BurnEpisode, *, owner: str = "", worse: bool = False) -> Card:
    """The early warning that a budget burns too fast. `worse`: it was told before, and burns faster now."""
    name = cut(reading.service, _NAME)
    title = f"{name} burns its {_period(reading.period)} error budget in {_lasts(reading)}"
    said = [f"{cut(reading.title, _TITLE)}: {_over(reading)} (objective {_percent(reading.target)})."]
    if worse:
        said.append("It burns faster than first told.")
    said.append(_left_words(reading))
    blocks: tuple[Block, ...] = (
        Pairs(tuple(_facts(reading, owner))),
        Paragraph(
            text(f"Measured by the metrics of {name} itself. This is no statement about a provider."),
            quiet=True,
        ),
        Buttons(
            (
                Button("Runbook", command("runbook", reading.service), update=False, primary=True),
                Button("Error budgets", command("slo", reading.service), update=False),
                Button("Provider status", "status", update=False),
            )
        ),
    )
    tone = _TONES[reading.level]
    return Card("error_budget", title, " ".join(said), blocks, tone, _data(reading) | {"episode": episode.id})


def burn_over_card(reading: SloReading, episode: BurnEpisode, now: datetime) -> Card:
    """The end of an episode."""
    name, lasted = cut(reading.service, _NAME), duration((episode.quiet_since or now) - episode.since)
    said = f"{cut(reading.title, _TITLE)} burned too fast for {lasted}. {_left_words(reading)}"
    blocks: tuple[Block, ...] = (
        Pairs((("Began", text(Span(at=episode.since))), *_facts(reading, ""))),
        Buttons((Button("Error budgets", command("slo", reading.service), update=False),)),
    )
    title = f"{name}: error budget no longer burns too fast"
    return Card("error_budget", title, said, blocks, "good", _data(reading) | {"episode": episode.id})


def burn_withdrawn_card(reading: SloReading, episode: BurnEpisode) -> Card:
    """The end of an episode whose objective is no longer listed."""
    name, objective = cut(reading.service, _NAME), cut(reading.title, _TITLE)
    said = f"{objective} is no longer listed in backstay.yaml. Its warning is withdrawn; whether the budget still burns is unknown."
    data = _data(reading) | {"episode": episode.id}
    return Card("error_budget", f"{name}: error budget no longer watched", said, tone="neutral", data=data)


def slo_card(states: Sequence[SloState], *, service: str, now: datetime) -> Card:
    """The answer to `slo`: every objective of a service, or of all, the most urgent first."""
    ranked = sorted(states, key=_urgency)
    shown = ranked[:MOST]
    burning = [state for state in states if state.reading.level is not BurnLevel.NONE and not state.reading.problem]
    unread = [state for state in ranked if state.reading.problem]
    blocks: list[Block] = [
        Table(
            ("Objective", "Now", "Budget left", "Burn"),
            tuple(_row(state.reading, now, named=not service) for state in shown),
            left_out=max(0, len(ranked) - MOST),
        )
    ]
    if unread:
        problems = tuple(
            text(
                Span(cut(f"{state.reading.service}: {state.reading.title}", _TITLE), "bold"),
                f": {state.reading.problem}",
            )
            for state in unread[:MOST]
        )
        blocks += [Heading("Could not be read"), Items(problems, left_out=max(0, len(unread) - MOST))]
    blocks.append(Buttons((Button("Read again", command("slo", service) if service else "slo"),)))
    whose = cut(service, _NAME) if service else "Error budgets"
    title = (
        f"{whose}: {_headline(burning, unread, states)}"
        if service
        else f"Error budgets: {_headline(burning, unread, states)}"
    )
    levels = [state.reading.level for state in burning]
    tone: Tone = "bad" if BurnLevel.FAST in levels else "warning" if levels or unread else "good"
    data = {"objectives": objectives_data(ranked)}
    return Card("error_budgets", title, _slo_summary(states, burning, unread), tuple(blocks), tone, data)


def no_slos_card(service: str) -> Card:
    """Nothing declares an objective."""
    whose = f"{cut(service, _NAME)} has" if service else "The catalogue has"
    said = f"{whose} no service level objectives. List OpenSLO files under slos: of a service in backstay.yaml."
    return Card("error_budgets", "No service level objectives", said, data={"service": service, "objectives": []})


def live_lines(states: Sequence[SloState], now: datetime, *, named: bool) -> Iterator[Paragraph]:
    """Lines of a scorecard: budgets that burn too fast, else how the objectives stand. `named`: each with its service."""
    fresh = [state.reading for state in states if now - state.reading.read_at <= FRESH and not state.reading.problem]
    burning = sorted((reading for reading in fresh if reading.level), key=lambda reading: -reading.burn)
    for reading in burning[:2]:
        whose = f"{cut(reading.service, _NAME)} " if named else ""
        said = f"{whose}burns its {_period(reading.period)} error budget in {_lasts(reading)}; {_signal(reading)}"
        yield Paragraph(text(Span(brief(said, _LINE_WORDS), "bad" if reading.level is BurnLevel.FAST else "warning")))
    if unread := len(states) - len(fresh):
        yield Paragraph(text(Span(f"{count(unread, 'objective')} not read in the last {duration(FRESH)}", "unclear")))
    elif states and not burning:
        missed = [reading for reading in fresh if reading.spent is not None and reading.spent > 1]
        good = f"{len(missed)} of {count(len(fresh), 'objective')} missed" if missed else "Error budgets last"
        signals = "" if named else "; ".join(_signal(reading) for reading in fresh[:2])
        said = f"{good}: {signals}" if signals else good
        yield Paragraph(text(Span(brief(said, _LINE_WORDS), "warning" if missed else "good")))


def _signal(reading: SloReading, *, named: bool = True) -> str:
    """`0.6 % errors over 5 min`, `p99 0.21 (at most 0.3)`."""
    if reading.value is None:
        return _now(reading)
    title = f"{cut(reading.title, _NAME)} " if named else ""
    return f"{title}{reading.value:.3g} ({_COMPARED.get(reading.op, '')} {reading.limit:.3g})"


def _headline(burning: Sequence[SloState], unread: Sequence[SloState], states: Sequence[SloState]) -> str:
    if burning:
        return f"{len(burning)} of {len(states)} burn too fast"
    if unread:
        return f"{len(unread)} of {len(states)} could not be read"
    return "within budget"


def _slo_summary(states: Sequence[SloState], burning: Sequence[SloState], unread: Sequence[SloState]) -> str:
    said = [f"{count(len(states), 'objective')}."]
    if burning:
        said.append(f"Burning: {listed([state.reading.title for state in burning])}.")
    if unread:
        said.append(f"Unknown: {len(unread)}.")
    return " ".join(said)


def _urgency(state: SloState) -> tuple[int, float, str, str]:
    reading = state.reading
    return -reading.level.rank, -(reading.spent or 0.0), reading.service, reading.slo


def _row(reading: SloReading, now: datetime, *, named: bool) -> tuple[Text, ...]:
    title = cut(reading.title, _TITLE)
    name = text(Span(cut(reading.service, _NAME), "bold"), f": {title}") if named else text(title)
    if reading.problem:
        return name, text(Span("unknown", "unclear")), text("–"), text("–")
    stale = now - reading.read_at > FRESH
    present = _signal(reading, named=False)
    left = reading.exhausted_in
    gone = f", a budget lasts {_lasts(reading)}" if left is None else f", gone in {duration(left)}" if left else ""
    burn = Span(f"{_rate(reading)}{gone}", "bad" if reading.level is BurnLevel.FAST else "warning")
    return (
        name,
        text(Span(f"{present}, read", "unclear"), " ", Span(at=reading.read_at)) if stale else text(present),
        text(_left(reading)),
        text(burn)
        if reading.level
        else text(
            Span(
                "within budget" if (reading.spent or 0) <= 1 else "missed",
                "good" if (reading.spent or 0) <= 1 else "warning",
            )
        ),
    )


def _facts(reading: SloReading, owner: str) -> Iterator[tuple[str, Text]]:
    yield "Now", text(_now(reading))
    if reading.level:
        yield (
            "Burn rate",
            text(
                f"{_rate(reading)} over {duration(reading.over)} (1x uses the budget in {_period_words(reading.period)})"
            ),
        )
    yield "Budget left", text(_left(reading))
    if gone := reading.exhausted_in:
        yield "Gone in", text(duration(gone))
    yield "Objective", text(f"{_percent(reading.target)} over {_period_words(reading.period)}{_limit(reading)}")
    if owner:
        yield "Owner", text(cut(owner, _NAME))


def _over(reading: SloReading) -> str:
    bad = next((read.bad for read in reading.windows if read.window == reading.over), None)
    return f"{_bad(reading, bad)} over {duration(reading.over)}"


def _now(reading: SloReading) -> str:
    """`0.6 % errors over 5 min`, with the measured value where there is one."""
    latest = next(iter(reading.windows), None)
    said = f"{_bad(reading, latest.bad)} over {duration(latest.window)}" if latest else "nothing read"
    return f"{reading.value:.3g} now, {said}" if reading.value is not None else said


def _bad(reading: SloReading, bad: float | None) -> str:
    if bad is None:
        return "no events"
    if reading.op:
        return f"{_percent(bad)} of the time off target"
    return f"{_percent(bad)} too slow" if reading.measures is SignalKind.LATENCY else f"{_percent(bad)} errors"


def _limit(reading: SloReading) -> str:
    return f", {_COMPARED.get(reading.op, '')} {reading.limit:.3g}" if reading.op else ""


def _left(reading: SloReading) -> str:
    if reading.spent is None:
        return "unknown" if reading.covered >= _COVERED else "unknown: the metrics are too young"
    if reading.spent > 1:
        return f"none ({reading.spent:.1f}x spent)"
    if reading.covered < _COVERED:
        return f"at most {_percent(1 - reading.spent)} (metrics go back {duration(reading.period * reading.covered)})"
    return _percent(1 - reading.spent)


def _left_words(reading: SloReading) -> str:
    if reading.spent is None:
        return "How much of the budget is left is unknown."
    if reading.spent >= 1:
        return "The budget is spent: the objective is missed."
    gone = reading.exhausted_in
    most = "At most " if reading.covered < _COVERED else ""
    left = f"{most}{_percent(1 - reading.spent)} of the budget is left"
    return f"{left}; at this rate it is gone in {duration(gone)}." if gone else f"{left}."


def _lasts(reading: SloReading) -> str:
    return duration(reading.budget_lasts or timedelta())


def _rate(reading: SloReading) -> str:
    return f"{reading.burn:.3g}x"


def _period(period: timedelta) -> str:
    """`30-day`, `12-hour`."""
    return (
        f"{period.days}-day"
        if period.days and not period % timedelta(days=1)
        else f"{round(period.total_seconds() / 3600)}-hour"
    )


def _period_words(period: timedelta) -> str:
    return duration(period) if period < timedelta(days=2) else f"{period.days} days"


def _percent(share: float) -> str:
    """`99.95 %`, `0.6 %`: as many digits as the nines have."""
    value = share * 100
    digits = 3 if 99 < value < 100 or 0 < value < 1 else 1
    written = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return f"{written if written not in ('0', '-0') or value == 0 else 'under 0.001'} %"


def objectives_data(states: Sequence[SloState]) -> list[dict[str, Any]]:
    """The readings, for machines."""
    return [_data(state.reading) for state in states]


def _data(reading: SloReading) -> dict[str, Any]:
    """What the card says, for machines: shares 0 to 1, durations in seconds."""
    lasts, gone = reading.budget_lasts, reading.exhausted_in
    return {
        "service": reading.service,
        "slo": reading.slo,
        "title": reading.title,
        "target": reading.target,
        "period_seconds": reading.period.total_seconds(),
        "measures": str(reading.measures),
        "read_at": reading.read_at.isoformat(),
        "problem": reading.problem,
        "level": str(reading.level),
        "burn_rate": round(reading.burn, 3),
        "budget_spent": None if reading.spent is None else round(reading.spent, 4),
        "budget_lasts_seconds": None if lasts is None else round(lasts.total_seconds()),
        "exhausted_in_seconds": None if gone is None else round(gone.total_seconds()),
    }

"""The answer to `whatif`: what the loss of a scope does, to whom, what it costs and who could still be told."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.cards.card import Block, Buttons, Card, Heading, Items, Paragraph, Span, Table, Text, Tone, text
from bot.cards.messages.score_parts import pager
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import FATES, ago, count, money, span_of
from checks import Fate, Impact, RouteFate, ServiceImpact

PER_PAGE = 12
_STEPS = 4
_STEP = 140
_ROUTES = 12
_NAMES, _NAME = 3, 60
_FATES = tuple(Fate)


def whatif_card(impact: Impact, *, currency: str, now: datetime, page: int | None = 1) -> Card:
    """What-if, answer first.

    Args:
        impact: what becomes of each service.
        currency: what `cost` is counted in.
        now: the present moment (UTC), for the age of the facts.
        page: which services the table shows; None: all of them, for a page or a terminal.
    """
    worst = sorted(impact.services, key=lambda one: (_FATES.index(one.fate), one.service.tier.number, one.service.name))
    struck = [one for one in worst if one.fate is not Fate.UNAFFECTED]
    pages = max(1, -(-len(struck) // PER_PAGE))
    at = min(max(page or 1, 1), pages)
    rows = worst if page is None else struck[(at - 1) * PER_PAGE : at * PER_PAGE]
    blocks: list[Block] = []
    if not impact.known_scope:
        blocks.append(
            Paragraph(text("Nothing known stands in this scope. If that surprises you, check how it is written."))
        )
    if rows:
        blocks += [Heading("Service by service"), _table(rows, currency, impact.lasts)]
    if page is not None and len(struck) < len(worst):
        blocks.append(Paragraph(text(f"{count(len(worst) - len(struck), 'service')} unaffected."), quiet=True))
    words = ("whatif", str(impact.scope), _duration(impact.lasts))
    blocks += [*_routes(impact.routes), _age(impact, now)]
    if page is not None and (buttons := pager(at, pages, *words)):
        blocks.append(Buttons(buttons))
    title = f"If {impact.scope} were lost for {span_of(impact.lasts)}"
    return Card("whatif", title, answer(impact, currency), tuple(blocks), _tone(impact), _data(impact))


def answer(impact: Impact, currency: str) -> str:
    """Who goes down and what that costs, who fails over and whether that was ever proved, who is left in doubt."""
    fates = {fate: [one for one in impact.services if one.fate is fate] for fate in Fate}
    total, down = count(len(impact.services), "service"), fates[Fate.DOWN]
    if not any(fates[fate] for fate in Fate if fate is not Fate.UNAFFECTED):
        return f"None of {total} would be affected, as far as the facts show."
    price = [f"about {money(impact.cost, currency)} in {span_of(impact.lasts)}"] if impact.cost else []
    price += [f"{impact.users:,} users"] if impact.users else []
    said = (
        f"{len(down):,} of {total} {_verb(down, 'go')} down ({_named(down)})" if down else f"None of {total} goes down"
    )
    sentences = [f"{said}: {', '.join(price)}" if price else said, *_failing_over(fates[Fate.FAILS_OVER], impact.lasts)]
    if degraded := fates[Fate.DEGRADED]:
        sentences.append(f"{len(degraded):,} {'is' if len(degraded) == 1 else 'are'} degraded ({_named(degraded)})")
    if unknown := fates[Fate.UNKNOWN]:
        sentences.append(f"What becomes of {count(len(unknown), 'service')} is not known ({_named(unknown)})")
    if unpriced := [one for one in (*down, *fates[Fate.FAILS_OVER]) if one.cost is None]:
        sentences.append(
            f"What {_named(unpriced)} {'earns' if len(unpriced) == 1 else 'earn'} is not known and not counted"
        )
    return f"{'. '.join(sentences)}."


def _failing_over(found: Sequence[ServiceImpact], lasts: timedelta) -> Iterator[str]:
    """Those that are known to fail over, and those whose loss is counted in full although they should."""
    grouped: dict[str, list[ServiceImpact]] = {}
    for one in found:
        grouped.setdefault(_in_full(one, lasts), []).append(one)
    for doubt, those in sorted(grouped.items()):
        said = f"{len(those):,} {_verb(those, 'fail')} over ({_named(those)})"
        yield f"{said}, counted in full: {doubt}" if doubt else said


def _in_full(one: ServiceImpact, lasts: timedelta) -> str:
    """Why a failover is counted as if there were none; empty where it is not."""
    if one.down_for < lasts or (one.rto is not None and one.rto >= lasts):
        return ""
    if one.proved_at is None:
        return "failover never proved"
    return "failover proved too long ago" if one.rto is not None else "nobody knows how long a failover takes"


def _verb(those: Sequence[object], word: str) -> str:
    return word if len(those) != 1 else f"{word}es" if word.endswith("o") else f"{word}s"


def _named(those: Sequence[ServiceImpact]) -> str:
    names = [isolated(cut(one.service.name, _NAME)) for one in those[:_NAMES]]
    if len(those) > _NAMES:
        return f"{', '.join(names)} and {count(len(those) - _NAMES, 'other')}"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _table(rows: Sequence[ServiceImpact], currency: str, lasts: timedelta) -> Table:
    columns = ("Service", "Tier", "What happens", "Because", "Back in (target)", "Proved", "Cost")
    return Table(columns, tuple(_row(one, currency, lasts) for one in rows))


def _row(one: ServiceImpact, currency: str, lasts: timedelta) -> tuple[Text, ...]:
    struck = one.fate in (Fate.DOWN, Fate.FAILS_OVER)
    proved: Text = text("–")
    if one.fate is Fate.FAILS_OVER:
        proved = text(Span(at=one.proved_at, day=True) if one.proved_at else Span("never", "bad"))
    cost = "–"
    if struck:
        cost = "not known" if one.cost is None else money(one.cost, currency)
        if one.cost is not None and one.fate is Fate.FAILS_OVER and _in_full(one, lasts):
            cost += " (in full)"
    steps = [cut(step, _STEP) for step in one.because[:_STEPS]]
    if len(one.because) > _STEPS:
        steps.append(f"{len(one.because) - _STEPS} more steps")
    return (
        text(Span(cut(one.service.name, 200), "bold")),
        text(str(one.service.tier.number)),
        text(FATES[one.fate]),
        text(" → ".join(steps) or "–"),
        _back(one),
        proved,
        text(cost),
    )


def _back(one: ServiceImpact) -> Text:
    target = one.service.rto_target
    aim = f" ({span_of(target)})" if target is not None else " (no target)"
    if one.fate is Fate.DOWN:
        return text("after it ends", aim)
    if one.fate is not Fate.FAILS_OVER:
        return text("–")
    if one.rto is None:
        return text(Span("not known", "unclear"), aim)
    late = target is not None and one.rto > target
    return text(Span(span_of(one.rto), "bad" if late else "good"), aim)


def _routes(routes: Sequence[RouteFate]) -> list[Block]:
    if not routes:
        return []
    order = {True: 0, None: 1, False: 2}
    shown = sorted(routes, key=lambda one: (order[one.shares_fate], one.route.audience, one.route.order))
    lines = tuple(_route(one) for one in shown)
    return [
        Heading("Ways to reach people"),
        Items(lines[:_ROUTES], left_out=max(0, len(lines) - _ROUTES)),
    ]


def _route(one: RouteFate) -> Text:
    words = {
        True: (Span("lost too", "bad"), " stands on what is lost"),
        False: (Span("still there", "good"), " stands elsewhere"),
        None: (Span("unknown", "unclear"), " nobody said where it runs"),
    }
    state, why = words[one.shares_fate]
    place = "primary" if one.route.order == 0 else f"fallback {one.route.order}"
    return text(state, " ", Span(one.route.name, "bold"), f" ({place} of {one.route.audience}):{why}")


def _age(impact: Impact, now: datetime) -> Paragraph:
    if impact.facts_from is None:
        return Paragraph(text("No facts have been read: this rests on what the catalogue says alone."), quiet=True)
    read = Span(at=impact.facts_from)
    return Paragraph(text("Judged by facts read ", read, f" ({ago(impact.facts_from, now)})."), quiet=True)


def _tone(impact: Impact) -> Tone:
    fates = {one.fate for one in impact.services}
    if Fate.DOWN in fates:
        return "bad"
    return "warning" if fates - {Fate.UNAFFECTED} or not impact.known_scope else "good"


def _duration(lasts: timedelta) -> str:
    minutes = max(1, int(lasts.total_seconds()) // 60)
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def _data(impact: Impact) -> dict[str, Any]:
    fates = [one.fate for one in impact.services]
    return {
        "scope": str(impact.scope),
        "hours": impact.lasts.total_seconds() / 3600,
        "cost": round(impact.cost, 2),
        "cost_per_hour": round(impact.cost_per_hour, 2),
        "users": impact.users,
        "outcomes": {fate.value: fates.count(fate) for fate in Fate},
        "down": [one.service.name for one in impact.services if one.fate is Fate.DOWN][:50],
    }

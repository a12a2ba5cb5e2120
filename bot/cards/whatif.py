"""The answer to `whatif`: what the loss of a scope does, to whom, what it costs and who could still be told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.cards.card import Block, Buttons, Card, Heading, Items, Paragraph, Span, Table, Text, Tone, text
from bot.cards.inert import cut
from bot.cards.standing import pager
from bot.cards.wording import FATES, ago, count, money, span_of
from checks import Fate, Impact, RouteFate, ServiceImpact

PER_PAGE = 12
_STEPS = 4
_STEP = 140
_ROUTES = 12
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
        blocks += [Heading("Service by service"), _table(rows, currency)]
    if page is not None and len(struck) < len(worst):
        blocks.append(Paragraph(text(f"{count(len(worst) - len(struck), 'service')} unaffected."), quiet=True))
    words = ("whatif", str(impact.scope), _duration(impact.lasts))
    blocks += [*_routes(impact.routes), _age(impact, now)]
    if page is not None and (buttons := pager(at, pages, *words)):
        blocks.append(Buttons(buttons))
    title = f"If {impact.scope} were lost for {span_of(impact.lasts)}"
    return Card("whatif", title, answer(impact, currency), tuple(blocks), _tone(impact), _data(impact))


def answer(impact: Impact, currency: str) -> str:
    """`6 of 9 services go down: about 1.2 M EUR in 15 h, 450,000 users.` and what happens to the rest."""
    fates = {fate: [one for one in impact.services if one.fate is fate] for fate in Fate}
    total, down = len(impact.services), fates[Fate.DOWN]
    if not any(fates[fate] for fate in Fate if fate is not Fate.UNAFFECTED):
        return f"None of {count(total, 'service')} would be affected, as far as the facts show."
    verb = "goes" if len(down) == 1 else "go"
    said = (
        f"{len(down):,} of {count(total, 'service')} {verb} down"
        if down
        else f"None of {count(total, 'service')} goes down"
    )
    price = [f"about {money(impact.cost, currency)} in {span_of(impact.lasts)}"] if impact.cost else []
    if impact.users:
        price.append(f"{impact.users:,} users")
    said += f": {', '.join(price)}." if price else "."
    rest = [
        f"{len(fates[fate]):,} {words}"
        for fate, words in ((Fate.FAILS_OVER, "fail over"), (Fate.DEGRADED, "degraded"), (Fate.UNKNOWN, "unknown"))
        if fates[fate]
    ]
    if rest:
        said += f" Besides: {', '.join(rest)}."
    unproved = sum(1 for one in fates[Fate.FAILS_OVER] if one.proved_at is None)
    if unproved:
        verb = "counts" if unproved == 1 else "count"
        said += f" {count(unproved, 'failover')} never proved {verb} as an outage."
    unpriced = sum(1 for one in down if one.cost is None)
    return said + (f" No revenue is known for {unpriced:,} of those that are down." if unpriced else "")


def _table(rows: Sequence[ServiceImpact], currency: str) -> Table:
    columns = ("Service", "Tier", "What happens", "Because", "Back in (target)", "Proved", "Cost")
    return Table(columns, tuple(_row(one, currency) for one in rows))


def _row(one: ServiceImpact, currency: str) -> tuple[Text, ...]:
    struck = one.fate in (Fate.DOWN, Fate.FAILS_OVER)
    proved: Text = text("–")
    if one.fate is Fate.FAILS_OVER:
        proved = text(_day(one.proved_at) if one.proved_at else Span("never", "bad"))
    cost = "–"
    if struck:
        cost = "not known" if one.cost is None else money(one.cost, currency)
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


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


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

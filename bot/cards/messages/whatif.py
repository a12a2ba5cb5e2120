"""The answer to `whatif`: the expected impact of losing a scope, its cost, and the routes that remain."""

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
    worst = sorted(
        impact.services,
        key=lambda service: (_FATES.index(service.fate), service.service.tier.number, service.service.name),
    )
    struck = [item for item in worst if item.fate is not Fate.UNAFFECTED]
    pages = max(1, -(-len(struck) // PER_PAGE))
    at = min(max(page or 1, 1), pages)
    rows = worst if page is None else struck[(at - 1) * PER_PAGE : at * PER_PAGE]
    blocks: list[Block] = []
    if not impact.known_scope:
        blocks.append(Paragraph(text("No known resource or dependency is in this scope. Check its spelling.")))
    if rows:
        blocks += [Heading("Expected impact by service"), _table(rows, currency, impact.lasts)]
    if page is not None and len(struck) < len(worst):
        blocks.append(Paragraph(text(f"{count(len(worst) - len(struck), 'service')} unaffected."), quiet=True))
    words = ("whatif", str(impact.scope), _duration(impact.lasts))
    blocks += [*_routes(impact.routes), _age(impact, now)]
    if page is not None and (buttons := pager(at, pages, *words)):
        blocks.append(Buttons(buttons))
    title = f"If {impact.scope} is lost for {span_of(impact.lasts)}"
    return Card("whatif", title, answer(impact, currency), tuple(blocks), _tone(impact), _data(impact))


def answer(impact: Impact, currency: str) -> str:
    """Return which services are expected down, the cost, which fail over and which are unknown."""
    fates = {fate: [service for service in impact.services if service.fate is fate] for fate in Fate}
    total, down = count(len(impact.services), "service"), fates[Fate.DOWN]
    if not any(fates[fate] for fate in Fate if fate is not Fate.UNAFFECTED):
        return f"No impact on {total} expected, by the facts of the last audit."
    price = [f"about {money(impact.cost, currency)} in {span_of(impact.lasts)}"] if impact.cost else []
    price += [f"{impact.users:,} users"] if impact.users else []
    said = f"{len(down):,} of {total} expected down ({_named(down)})" if down else f"None of {total} expected down"
    sentences = [f"{said}: {', '.join(price)}" if price else said, *_failing_over(fates[Fate.FAILS_OVER], impact.lasts)]
    if degraded := fates[Fate.DEGRADED]:
        sentences.append(f"{len(degraded):,} {'is' if len(degraded) == 1 else 'are'} degraded ({_named(degraded)})")
    if unknown := fates[Fate.UNKNOWN]:
        sentences.append(f"Impact on {count(len(unknown), 'service')} is unknown ({_named(unknown)})")
    if unpriced := [item for item in (*down, *fates[Fate.FAILS_OVER]) if item.cost is None]:
        sentences.append(f"No revenue set for {_named(unpriced)}; excluded from the total")
    return f"{'. '.join(sentences)}."


def _failing_over(found: Sequence[ServiceImpact], lasts: timedelta) -> Iterator[str]:
    """Those that are known to fail over, and those whose loss is counted in full although they should."""
    grouped: dict[str, list[ServiceImpact]] = {}
    for match_ in found:
        grouped.setdefault(_in_full(match_, lasts), []).append(match_)
    for doubt, those in sorted(grouped.items()):
        said = f"{len(those):,} {_verb(those, 'fail')} over ({_named(those)})"
        yield f"{said}; {doubt}, so the full cost is counted" if doubt else said


def _in_full(impact: ServiceImpact, lasts: timedelta) -> str:
    """Why a failover is counted as if there were none; empty where it is not."""
    if impact.down_for < lasts or (impact.rto is not None and impact.rto >= lasts):
        return ""
    if impact.proved_at is None:
        return "the failover was never tested"
    return "the last failover test is too old" if impact.rto is not None else "the failover time is unknown"


def _verb(those: Sequence[object], word: str) -> str:
    return word if len(those) != 1 else f"{word}es" if word.endswith("o") else f"{word}s"


def _named(those: Sequence[ServiceImpact]) -> str:
    names = [isolated(cut(entry.service.name, _NAME)) for entry in those[:_NAMES]]
    if len(those) > _NAMES:
        return f"{', '.join(names)} and {count(len(those) - _NAMES, 'other')}"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _table(rows: Sequence[ServiceImpact], currency: str, lasts: timedelta) -> Table:
    columns = ("Service", "Tier", "Expected", "Reason", "Recovery (RTO)", "Last failover test", "Cost")
    return Table(columns, tuple(_row(row, currency, lasts) for row in rows))


def _row(impact: ServiceImpact, currency: str, lasts: timedelta) -> tuple[Text, ...]:
    struck = impact.fate in (Fate.DOWN, Fate.FAILS_OVER)
    proved: Text = text("–")
    if impact.fate is Fate.FAILS_OVER:
        proved = text(Span(at=impact.proved_at, day=True) if impact.proved_at else Span("never", "bad"))
    cost = "–"
    if struck:
        cost = "not set" if impact.cost is None else money(impact.cost, currency)
        if impact.cost is not None and impact.fate is Fate.FAILS_OVER and _in_full(impact, lasts):
            cost += " (full)"
    steps = [cut(step, _STEP) for step in impact.because[:_STEPS]]
    if len(impact.because) > _STEPS:
        steps.append(f"{len(impact.because) - _STEPS} more steps")
    return (
        text(Span(cut(impact.service.name, 200), "bold")),
        text(str(impact.service.tier.number)),
        text(FATES[impact.fate]),
        text(" → ".join(steps) or "–"),
        _back(impact),
        proved,
        text(cost),
    )


def _back(impact: ServiceImpact) -> Text:
    target = impact.service.rto_target
    aim = f" ({span_of(target)})" if target is not None else " (no target)"
    if impact.fate is Fate.DOWN:
        return text("when the outage ends", aim)
    if impact.fate is not Fate.FAILS_OVER:
        return text("–")
    if impact.rto is None:
        return text(Span("unknown", "unclear"), aim)
    late = target is not None and impact.rto > target
    return text(Span(span_of(impact.rto), "bad" if late else "good"), aim)


def _routes(routes: Sequence[RouteFate]) -> list[Block]:
    if not routes:
        return []
    order = {True: 0, None: 1, False: 2}
    shown = sorted(routes, key=lambda route: (order[route.shares_fate], route.route.audience, route.route.order))
    lines = tuple(_route(entry) for entry in shown)
    return [
        Heading("Notification routes"),
        Items(lines[:_ROUTES], left_out=max(0, len(lines) - _ROUTES)),
    ]


def _route(route_fate: RouteFate) -> Text:
    words = {
        True: (Span("lost", "bad"), " runs in the lost scope"),
        False: (Span("available", "good"), " runs elsewhere"),
        None: (Span("unknown", "unclear"), " runs_on is not set"),
    }
    state, why = words[route_fate.shares_fate]
    place = "primary" if route_fate.route.order == 0 else f"fallback {route_fate.route.order}"
    return text(state, " ", Span(route_fate.route.name, "bold"), f" ({place} of {route_fate.route.audience}):{why}")


def _age(impact: Impact, now: datetime) -> Paragraph:
    if impact.facts_from is None:
        return Paragraph(text("No audit so far: this is based on the catalogue alone."), quiet=True)
    read = Span(at=impact.facts_from)
    return Paragraph(text("Based on the audit of ", read, f" ({ago(impact.facts_from, now)})."), quiet=True)


def _tone(impact: Impact) -> Tone:
    fates = {service.fate for service in impact.services}
    if Fate.DOWN in fates:
        return "bad"
    return "warning" if fates - {Fate.UNAFFECTED} or not impact.known_scope else "good"


def _duration(lasts: timedelta) -> str:
    minutes = max(1, int(lasts.total_seconds()) // 60)
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def _data(impact: Impact) -> dict[str, Any]:
    fates = [service.fate for service in impact.services]
    return {
        "scope": str(impact.scope),
        "hours": impact.lasts.total_seconds() / 3600,
        "cost": round(impact.cost, 2),
        "cost_per_hour": round(impact.cost_per_hour, 2),
        "users": impact.users,
        "outcomes": {fate.value: fates.count(fate) for fate in Fate},
        "down": [service.service.name for service in impact.services if service.fate is Fate.DOWN][:50],
    }

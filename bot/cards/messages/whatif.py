"""The answer to `whatif`: the expected impact of losing a scope, its cost, and the routes that remain."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from bot.cards.card import Block, Buttons, Card, Heading, Items, Paragraph, Span, Table, Text, Tone, text
from bot.cards.messages.score_parts import pager
from bot.cards.sanitise import cut
from bot.cards.wording import FATES, count, duration, listed, money
from checks import Fate, Impact, RouteFate, Scope, ServiceImpact

PER_PAGE = 12
_STEPS = 4
_STEP = 140
_ROUTES = 12
_NAMES, _NAME = 3, 60
_FATES = tuple(Fate)


def whatif_card(impact: Impact, *, currency: str, page: int | None = 1, regions: str = "") -> Card:
    """What-if, answer first.

    Args:
        impact: what becomes of each service.
        currency: what `cost` is counted in.
        page: which services the table shows; None: all of them, for a page or a terminal.
        regions: which regions were read, as `regions_read` says.
    """
    worst = sorted(
        impact.services,
        key=lambda service: (_FATES.index(service.fate), service.service.tier.number, service.service.name),
    )
    affected = [service for service in worst if service.fate is not Fate.UNAFFECTED]
    pages = max(1, -(-len(affected) // PER_PAGE))
    at = min(max(page or 1, 1), pages)
    rows = worst if page is None else affected[(at - 1) * PER_PAGE : at * PER_PAGE]
    blocks: list[Block] = []
    if rows:
        blocks += [Heading("Expected impact by service"), _table(rows, impact, currency)]
    if page is not None and len(affected) < len(worst):
        blocks.append(Paragraph(text(f"{count(len(worst) - len(affected), 'service')} unaffected."), quiet=True))
    words = ("whatif", str(impact.scope), _duration(impact.lasts))
    blocks += [*_routes(impact), _audited(impact, regions)]
    if page is not None and (buttons := pager(at, pages, *words)):
        blocks.append(Buttons(buttons))
    title = f"If {impact.scope} is lost for {duration(impact.lasts)}"
    return Card("whatif", title, answer(impact, currency), tuple(blocks), _tone(impact), _data(impact))


def answer(impact: Impact, currency: str) -> str:
    """Which services are expected down and at what cost, which fail over, and which are degraded or unknown."""
    fates = {fate: [service for service in impact.services if service.fate is fate] for fate in Fate}
    total, down = count(len(impact.services), "service"), fates[Fate.DOWN]
    if not impact.known_scope:
        return "No known resource or dependency is in this scope. Check its spelling."
    if not any(fates[fate] for fate in Fate if fate is not Fate.UNAFFECTED):
        return f"No impact expected on {total}, as far as the last audit shows."
    price = [f"about {money(impact.cost, currency)} in {duration(impact.lasts)}"] if impact.cost else []
    price += [f"{impact.users:,} users"] if impact.users else []
    unknown, failing_over = fates[Fate.UNKNOWN], _failing_over(fates[Fate.FAILS_OVER], impact.lasts)
    if unknown and not down:  # "none expected down" would read as an all-clear
        sentences = [f"Impact on {len(unknown):,} of {total} unknown ({_named(unknown)})", *failing_over]
        sentences += [f"Expected cost: {', '.join(price)}"] if price else []
    else:
        said = f"{len(down):,} of {total} expected down ({_named(down)})" if down else f"None of {total} expected down"
        sentences = [f"{said}: {', '.join(price)}" if price else said, *failing_over]
    if degraded := fates[Fate.DEGRADED]:
        sentences.append(f"{len(degraded):,} expected degraded ({_named(degraded)})")
    if down and unknown:
        sentences.append(f"Impact on {count(len(unknown), 'service')} unknown ({_named(unknown)})")
    if unpriced := [service for service in (*down, *fates[Fate.FAILS_OVER]) if service.cost is None]:
        sentences.append(f"No revenue set for {_named(unpriced)}; excluded from the total")
    return f"{'. '.join(sentences)}."


def _failing_over(found: Sequence[ServiceImpact], lasts: timedelta) -> Iterator[str]:
    """The services that fail over, and those whose full cost counts because no valid test shows that they do."""
    grouped: dict[str, list[ServiceImpact]] = {}
    for service in found:
        grouped.setdefault(_full_cost_because(service, lasts), []).append(service)
    for doubt, services in sorted(grouped.items()):
        whose = "its" if len(services) == 1 else "their"
        if doubt:
            yield f"{_named(services)} should fail over, but {doubt}; {whose} full cost is counted"
        else:
            yield f"{len(services):,} expected to fail over ({_named(services)})"


def _full_cost_because(service: ServiceImpact, lasts: timedelta) -> str:
    """Why a failover is counted as if there were none; empty where it is not."""
    if service.down_for < lasts or (service.rto is not None and service.rto >= lasts):
        return ""
    if service.proved_at is None:
        return "this was never tested"
    return "the last test is too old" if service.rto is not None else "the recovery time is unknown"


def _named(services: Sequence[ServiceImpact]) -> str:
    return listed([cut(service.service.name, _NAME) for service in services], _NAMES)


def _table(rows: Sequence[ServiceImpact], impact: Impact, currency: str) -> Table:
    columns = ("Service", "Tier", "Impact", "Because", "Recovery", "Last successful failover test", "Cost")
    return Table(columns, tuple(_row(service, impact, currency) for service in rows))


def _row(service: ServiceImpact, impact: Impact, currency: str) -> tuple[Text, ...]:
    cost = "–"
    if service.fate in (Fate.DOWN, Fate.FAILS_OVER):
        cost = "revenue not set" if service.cost is None else money(service.cost, currency)
        if service.cost is not None and service.fate is Fate.FAILS_OVER and _full_cost_because(service, impact.lasts):
            cost += " (full outage)"
    steps = [cut(step, _STEP) for step in service.because[:_STEPS]]
    if len(service.because) > _STEPS:
        steps.append(f"{len(service.because) - _STEPS} more steps")
    return (
        text(Span(cut(service.service.name, 200), "bold")),
        text(str(service.service.tier.number)),
        text(FATES[service.fate]),
        text(" → ".join(steps) or "–"),
        _recovery(service, impact.scope),
        _last_test(service),
        text(cost),
    )


def _recovery(service: ServiceImpact, scope: Scope) -> Text:
    target = service.service.rto_target
    goal = f" (RTO {duration(target)})" if target is not None else " (no RTO set)"
    if service.fate is Fate.DOWN:
        return text(f"only when {_lost_part(scope)} is back{goal}")
    if service.fate is not Fate.FAILS_OVER:
        return text("–")
    if service.rto is None:
        return text(Span("unknown", "unclear"), goal)
    worst = service.worst_rto or service.rto
    late = target is not None and worst > target
    took = duration(service.rto) if service.tests <= 1 else f"{duration(service.rto)}, worst {duration(worst)}"
    return text(Span(took, "bad" if late else "good"), goal)


def _last_test(service: ServiceImpact) -> Text:
    if service.fate is not Fate.FAILS_OVER:
        return text("–")
    if service.proved_at is None:
        return text(Span("never", "bad"))
    tests = {0: "", 1: ", one test"}.get(service.tests, f", median of {service.tests} tests")
    took = f", {duration(service.rto)}{tests}" if service.rto is not None else ""
    return text(Span(at=service.proved_at, day=True), took)


def _lost_part(scope: Scope) -> str:
    """What is lost, as a noun: the provider, the region or cluster, the zone or the product."""
    if not scope.region:
        return scope.provider
    if not scope.part:
        return "the cluster" if scope.provider == "kubernetes" else "the region"
    return "the zone" if scope.named_like_a_zone else scope.part


def _routes(impact: Impact) -> list[Block]:
    if not impact.routes:
        return []
    order = {True: 0, None: 1, False: 2}
    ranked = sorted(impact.routes, key=lambda fate: (order[fate.shares_fate], fate.route.audience, fate.route.order))
    lines = tuple(_route(fate, impact.scope) for fate in ranked)
    return [
        Heading("Notification routes"),
        Items(lines[:_ROUTES], left_out=max(0, len(lines) - _ROUTES)),
    ]


def _route(fate: RouteFate, scope: Scope) -> Text:
    states = {
        True: Span(f"Lost with {scope.region if scope.region and not scope.part else scope}", "bad"),
        False: Span("Available", "good"),
        None: Span("Unknown, runs_on not set", "unclear"),
    }
    place = "primary" if fate.route.order == 0 else f"fallback {fate.route.order}"
    name = Span(fate.route.name, "bold")
    return text(states[fate.shares_fate], ": ", name, f" ({place} of {fate.route.audience})")


def _audited(impact: Impact, regions: str) -> Paragraph:
    if impact.facts_from is None:
        return Paragraph(text("No audit so far: this is based on backstay.yaml alone."), quiet=True)
    read = Span(at=impact.facts_from)
    return Paragraph(text("Based on the audit of ", read, f"; {regions}." if regions else "."), quiet=True)


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

"""The one page for executives: what depends on one thing, the one change that lowers it most, and the expected yearly loss."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from bot.cards.card import Block, Card, Heading, Items, Paragraph, Span, Table, Text, text
from bot.cards.messages.score_parts import grade_tone
from bot.cards.sanitise import cut
from bot.cards.wording import count, listed, money, percent, rounded_down
from bot.model.risk import Risk
from checks import AnchorKind, AnchorLoss, SingleChange, Weight, YearlyLoss

_ROWS, _LOSSES, _NAME, _NOTE = 8, 5, 50, 160
_IN_MESSAGE = 20
"""Exposures and losses in the data that a message carries."""

_KINDS = {
    AnchorKind.PROVIDER: "cloud or provider",
    AnchorKind.REGION: "region",
    AnchorKind.DNS: "DNS host",
    AnchorKind.IDENTITY: "identity provider",
    AnchorKind.REGISTRY: "image registry",
    AnchorKind.PAYMENT: "payment provider",
    AnchorKind.SAAS: "other SaaS",
}
_PER_KIND = {AnchorKind.PROVIDER: 2, AnchorKind.REGION: 2}
"""How many of a kind are shown; one of each other kind."""


def executive_page(risk: Risk, *, organisation: str, currency: str) -> Card:
    """One printed page: the answer first, then what to do, then what is assumed and what is not known."""
    blocks: list[Block] = [
        Heading("If one thing is lost"),
        *_exposures(risk, currency),
        Heading("The one change that lowers this most"),
        *_change(risk, currency),
        Heading("Expected loss in a year"),
        *_losses(risk, currency),
        Heading("What this rests on"),
        Items(tuple(_assumptions(risk, currency))),
    ]
    title = f"Resilience of {organisation or 'the estate'}"
    tone = grade_tone(risk.scorecard.grade)
    return Card("executive_page", title, _summary(risk, currency), tuple(blocks), tone, risk_data(risk, _IN_MESSAGE))


def _summary(risk: Risk, currency: str) -> str:
    card, found = risk.scorecard, risk.concentration
    grade = f"grade {card.grade}" if card.grade else "no grade, too little was read"
    said = [f"Score {rounded_down(card.score)} of 100 ({grade}), audited on {card.generated_at:%d %b %Y}."]
    top = next((exposure for exposure in found.exposures if exposure.hanging), None)
    if top is None:
        said.append("No single loss is known to take a service down.")
    else:
        share = _shares(top.weight, found.total, currency)
        said.append(
            f"If {top.anchor.scope} is lost, {len(top.hanging)} of {count(found.total.services, 'service')} "
            f"{'is' if len(top.hanging) == 1 else 'are'} expected down{f': {share}' if share else ''}."
        )
    return " ".join(said)


def _shares(weight: Weight, total: Weight, currency: str) -> str:
    parts = []
    if total.revenue:
        share = percent(weight.revenue / total.revenue)
        parts.append(f"{share} of declared revenue ({money(weight.revenue, currency)} per hour)")
    if total.users:
        parts.append(f"{weight.users:,} of {count(total.users, 'user')}")
    return " and ".join(parts)


def _exposures(risk: Risk, currency: str) -> Iterator[Block]:
    found = risk.concentration
    rows: list[tuple[Text, ...]] = []
    absent = []
    for kind, words in _KINDS.items():
        of_kind = [exposure for exposure in found.of_kind(kind) if exposure.hanging or exposure.unknown]
        rows += [_row(exposure, words, risk, currency) for exposure in of_kind[: _PER_KIND.get(kind, 1)]]
        if not of_kind and kind is not AnchorKind.SAAS:
            absent.append(words)
    if rows:
        columns = ("Lost", "Revenue per hour", "Users", "Tier-1 services", "Services down", "Unknown")
        yield Table(columns, tuple(rows[:_ROWS]), left_out=max(0, len(rows) - _ROWS))
    if absent:
        said = f"No service is known to need one of these: {listed(absent, len(absent))}. "
        yield Paragraph(text(said, "Declare them in ", Span("depends_on", "code"), " if there are any."), quiet=True)


def _row(exposure: AnchorLoss, kind: str, risk: Risk, currency: str) -> tuple[Text, ...]:
    total, weight, unknown = risk.concentration.total, exposure.weight, exposure.unknown_weight
    revenue = "not declared"
    if total.revenue:
        revenue = f"{percent(weight.revenue / total.revenue)} ({money(weight.revenue, currency)})"
    users = f"{percent(weight.users / total.users)} ({weight.users:,})" if total.users else "not declared"
    doubt = text("–")
    if exposure.unknown:
        more = f", {money(unknown.revenue, currency)} per hour" if unknown.revenue else ""
        doubt = text(Span(f"{count(len(exposure.unknown), 'service')}{more}", "unclear"))
    return (
        text(Span(cut(str(exposure.anchor.scope), _NAME), "bold"), f" ({kind})"),
        text(revenue),
        text(users),
        text(f"{weight.tier1} of {total.tier1}"),
        text(f"{len(exposure.hanging)} of {total.services}"),
        doubt,
    )


def _change(risk: Risk, currency: str) -> Iterator[Block]:
    best = risk.concentration.best
    if best is None or best.change is None:
        hangs = any(exposure.hanging for exposure in risk.concentration.exposures)
        said = "No single change frees a service: each has at least two reasons." if hangs else "None is needed."
        yield Paragraph(text(said))
        return
    change, total = best.change, risk.concentration.total
    freed = _shares(change.weight, total, currency)
    yield Paragraph(text(Span(change_words(change, str(best.anchor.scope)), "bold")))
    whom = f"Losing {best.anchor.scope} then no longer takes down {listed([*change.frees])}"
    yield Paragraph(text(f"{whom}{f': {freed}' if freed else ''}. Now: {change.because}."))
    yield Paragraph(text(" ".join(_price(risk, change, best, currency))))


def _price(risk: Risk, change: SingleChange, best: AnchorLoss, currency: str) -> Iterator[str]:
    if risk.effort is not None:
        yield f"Effort: {risk.effort.value}."
    if isinstance(risk.hours, str):
        yield f"Expected loss through {best.anchor.scope.provider}: {risk.hours or 'not known'}."
    elif change.weight.revenue:
        low, high = (hours * change.weight.revenue for hours in (risk.hours.low, risk.hours.high))
        yield f"Expected loss through {best.anchor.scope.provider}: {_amounts(low, high, currency)} per year."


def change_words(change: SingleChange, scope: str) -> str:
    """The change as an imperative."""
    if change.on:
        return f"Give {change.service} a fallback for {change.on}, or let it work without {change.on}."
    if change.untested:
        return f"Test the failover of {change.service} out of {scope}."
    return f"Give {change.service} a replica and capacity outside {scope}, with a tested failover."


def _losses(risk: Risk, currency: str) -> Iterator[Block]:
    priced = [loss for loss in risk.losses if loss.high is not None]
    if priced:
        rows = tuple(_loss_row(loss, currency) for loss in _of_each_service(priced)[:_LOSSES])
        yield Table(("Service", "Not met", "Expected loss per year", "Effort of the fix"), rows)
        yield Paragraph(text("Losses of one service are the same loss and do not add up."), quiet=True)
    open_losses = len(risk.losses) - len(priced)
    if open_losses:
        reasons = sorted({loss.basis for loss in risk.losses if loss.high is None}, key=len)
        said = f"No amount for {count(open_losses, 'other finding' if priced else 'finding')}: "
        yield Paragraph(text(said, cut("; ".join(reasons[:3]), 300), "."), quiet=True)
    elif not priced:
        yield Paragraph(text("No check failed."))


def _of_each_service(losses: Sequence[YearlyLoss]) -> list[YearlyLoss]:
    """The first finding of each service: the heaviest check, and of these the one with the least effort."""
    first: dict[str, YearlyLoss] = {}
    for loss in losses:
        first.setdefault(loss.service, loss)
    return list(first.values())


def _loss_row(loss: YearlyLoss, currency: str) -> tuple[Text, ...]:
    return (
        text(Span(cut(loss.service, _NAME), "bold")),
        text(f"{loss.title} ({loss.check_id})"),
        text(loss_range(loss, currency)),
        text(loss.cost.effort.value),
    )


def loss_range(loss: YearlyLoss, currency: str) -> str:
    """`0 to 42,000 EUR`; `not known` where nothing can be said."""
    if loss.low is None or loss.high is None:
        return "not known"
    return _amounts(loss.low, loss.high, currency)


def _amounts(low: float, high: float, currency: str) -> str:
    least, most = (money(_two_figures(amount), currency) for amount in (low, high))
    return f"{least.removesuffix(f' {currency}')} to {most}"


def _two_figures(amount: float) -> float:
    return float(f"{amount:.2g}")


def _assumptions(risk: Risk, currency: str) -> Iterator[Text]:
    found, card = risk.concentration, risk.scorecard
    yield text(
        f"Expected losses are ranges, not forecasts. Low: outages that the provider rated critical; high: major and critical, "
        f"each taking the service down for its whole length. 80 % intervals, {currency}."
    )
    bases = sorted({loss.basis for loss in risk.losses if loss.high is not None})
    if bases:
        yield text(f"Frequency and length of outages: {'; '.join(bases[:2])}. Source: {risk.source}.")
    if any(found.undeclared):
        revenue, users = found.undeclared
        yield text(
            f"Not counted: {count(revenue, 'service')} without declared revenue, {count(users, 'service')} without declared users."
        )
    yield text(
        f"{percent(card.coverage)} of the facts were read. A service whose fate is unknown is counted as unknown, never as safe. "
        "A failover without a valid test counts as down."
    )
    yield from (text(cut(note, _NOTE)) for note in risk.notes[:2])
    if risk.chain_head:
        yield text("Evidence chain: ", Span(risk.chain_head, "code"))


def risk_data(risk: Risk, at_most: int | None = None) -> dict[str, Any]:
    """The same as data. `at_most`: exposures and losses that are listed; None: all of them."""
    found = risk.concentration
    return {
        "score": rounded_down(risk.scorecard.score),
        "audited_at": risk.scorecard.generated_at.isoformat(),
        "chain_head": risk.chain_head,
        "total": asdict(found.total),
        "undeclared": {"revenue": found.undeclared[0], "users": found.undeclared[1]},
        "best": None if found.best is None else str(found.best.anchor.scope),
        "effort": risk.effort.value if risk.effort else "",
        "exposures": [_exposure_data(exposure) for exposure in found.exposures[:at_most]],
        "losses": [_loss_data(loss) for loss in risk.losses[:at_most]],
    }


def _exposure_data(exposure: AnchorLoss) -> dict[str, Any]:
    change, scope = exposure.change, str(exposure.anchor.scope)
    return {
        "kind": exposure.anchor.kind.value,
        "scope": scope,
        "down": list(exposure.hanging),
        "unknown": list(exposure.unknown),
        "weight": asdict(exposure.weight),
        "unknown_weight": asdict(exposure.unknown_weight),
        "change": None if change is None else change_words(change, scope),
        "frees": [] if change is None else list(change.frees),
    }


def _loss_data(loss: YearlyLoss) -> dict[str, Any]:
    hours = loss.hours
    return {
        "service": loss.service,
        "check": loss.check_id,
        "low": None if loss.low is None else round(loss.low, 2),
        "high": None if loss.high is None else round(loss.high, 2),
        "hours": None if hours is None else [round(hours.low, 2), round(hours.high, 2)],
        "effort": loss.cost.effort.value,
        "basis": loss.basis,
        "services": list(loss.services),
        "undeclared": list(loss.undeclared),
    }

"""A whole audit for one page: the estate, each service with its findings, and the checks explained. Free of HTML, as a card is."""

from dataclasses import dataclass

from bot.cards.card import Block, Card, Gauge, Text


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """The findings of one check with one outcome on one service.

    `headline` names outcome, check and severity. `verdicts` are one sentence per resource, without duplicates; `left_out`
    counts those not listed. `remediation` is empty where there is nothing to fix. `docs` is an https link, or empty.
    """

    headline: Text
    verdicts: tuple[str, ...]
    left_out: int = 0
    remediation: Text = ()
    docs: str = ""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one outcome under one heading. `folded`: the page shows them when the reader opens the group."""

    heading: str
    entries: tuple[FindingEntry, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class ServicePart:
    """One service. `id` is unique on the page; `counts` are its findings by outcome: `12 failed, 3 unknown, 40 passed`."""

    id: str
    name: str
    tier: str
    gauge: Gauge
    counts: str
    blocks: tuple[Block, ...]
    groups: tuple[FindingGroup, ...]
    closing: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckText:
    """What a check demands, why, and how to fix a failure. `id` is unique on the page; `docs` is an https link."""

    id: str
    check_id: str
    title: str
    family: str
    severity: Text
    lesson: Text
    remediation: Text
    docs: str


@dataclass(frozen=True, slots=True)
class Report:
    """The page. `estate` is the card of the whole estate; services come worst first, checks by family and id."""

    estate: Card
    services: tuple[ServicePart, ...]
    checks: tuple[CheckText, ...]

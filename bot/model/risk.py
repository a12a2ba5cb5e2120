"""What an executive asks of an audit: what depends on one thing, what outages are expected to cost, and on what that rests."""

from dataclasses import dataclass

from checks import Concentration, Effort, Scorecard, YearlyHours, YearlyLoss


@dataclass(frozen=True, slots=True)
class Risk:
    """The concentration of an estate and the expected yearly losses of its failed findings, the largest first.

    `source`: where the recorded outages come from. `chain_head`: the newest link of the evidence chain, empty where the
    ledger could not be read. `notes`: what was guessed or is missing. `effort`, `hours`: of the one change that lowers the
    concentration most, how long it usually takes, and the hours of outage to expect of what it answers; else why they are
    not known.
    """

    scorecard: Scorecard
    concentration: Concentration
    losses: tuple[YearlyLoss, ...]
    source: str
    chain_head: str = ""
    notes: tuple[str, ...] = ()
    effort: Effort | None = None
    hours: YearlyHours | str = ""

"""How long recovery takes, as past failover tests measured it: one sentence for scorecards and explanations."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.cards.card import Block, Paragraph, text
from bot.cards.wording import duration
from checks import ServiceScore

_MEASURED = "RH06"
"""The check whose evidence holds the times."""


def recovery_blocks(score: ServiceScore) -> list[Block]:
    """The median and the worst of the last failover tests against the RTO; nothing where none measured a recovery."""
    evidence = next((finding.evidence for finding in score.findings if finding.check.id == _MEASURED), {})
    said = recovery_sentence(evidence)
    return [Paragraph(text(said))] if said else []


def recovery_sentence(evidence: Mapping[str, Any]) -> str:
    """`Recovery in failover tests: median 12 min, worst 20 min of 5 tests (RTO 1 h).`; empty without measured times."""
    tests, target = evidence.get("tests"), evidence.get("target_seconds")
    if not isinstance(tests, int) or not isinstance(target, int):
        return ""
    goal = f"(RTO {_length(target)})"
    if tests == 1:
        return f"Recovery in failover tests: {_length(evidence['median_seconds'])}, measured once {goal}."
    median, worst = _length(evidence["median_seconds"]), _length(evidence["worst_seconds"])
    return f"Recovery in failover tests: median {median}, worst {worst} of {tests} tests {goal}."


def _length(seconds: Any) -> str:
    return duration(timedelta(seconds=int(seconds)))

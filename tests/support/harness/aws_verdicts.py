"""A table row for AWS: a state of it as its API tells it, and the verdict that must come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from support.builders.facts import NOW, service
from support.fakes.aws_script import Answer, Operation, ScriptedAws, model_of, unknown_members

from bot.audit.collectors.aws.source import sources
from checks import GLOBAL, Fact, Finding, Outcome, Seen, Service, discover, evaluate

_RULES = {rule.id: rule for rule in discover()}
_SOURCES = {source.name: source for source in sources()}


@dataclass(frozen=True)
class State:
    """One row: what AWS answers to `reads`, and the `outcome` of `check` on the resource called `on`.

    `on` empty: the check's only verdict. `reads`: names of sources, those of other regions as `aws_tables@us-west-2`.
    """

    title: str
    check: str
    outcome: Outcome
    answers: Mapping[Operation, Answer]
    reads: tuple[str, ...]
    on: str = ""
    says: str = ""

    def __str__(self) -> str:
        return f"{self.check}-{self.title}".replace(" ", "-")

    def hold(self, of: Service | None = None) -> None:
        """Assert that the verdict is the right one, and in answers that AWS could give."""
        finding = self._finding(of)
        assert finding.outcome is self.outcome, finding.verdict.summary
        assert self.says in finding.verdict.summary, finding.verdict.summary

    def facts(self) -> list[Fact]:
        """All that the sources yield."""
        found: list[Fact] = []
        for read in self.reads:
            name, _, region = read.partition("@")
            aws = ScriptedAws(self.answers, _refuse_unknown, region=region or "us-east-1")
            found += _SOURCES[name].read(aws.reader(name, everywhere=_SOURCES[name].where == GLOBAL))
        return found

    def findings(self, of: Service | None = None) -> list[Finding]:
        """All that the check finds."""
        return list(evaluate([Seen(of or service(), self.facts())], now=NOW, rules=[_RULES[self.check]]))

    def _finding(self, of: Service | None) -> Finding:
        found = self.findings(of)
        mine = [finding for finding in found if not self.on or (finding.fact and finding.fact.name == self.on)]
        assert len(mine) == 1, [str(finding.verdict.summary) for finding in mine]
        return mine[0]


def _refuse_unknown(asked: Any, answer: Any) -> Any:
    service_name, operation, _ = asked
    if isinstance(answer, Mapping):
        wrong = list(unknown_members(model_of(service_name, operation).output_shape, answer))
        assert not wrong, (service_name, operation, wrong)
    return answer

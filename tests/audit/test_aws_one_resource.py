"""Every source of AWS facts, with one call or one field less: what happens to one resource costs no other one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from support.fakes.aws import Fault
from support.fakes.aws_script import (
    Asked,
    Path,
    ScriptedAws,
    gone_code,
    model_of,
    optional_fields,
    unknown_members,
    without,
)
from support.samples.aws_pair import NAMES
from support.samples.aws_pairs import PAIRS

from bot.audit.collectors.aws.guarded import UnreadResource
from bot.audit.collectors.aws.source import Source, sources
from bot.net.aws.iam_actions import iam_action
from checks import Fact

ALL = sources()
LOST, KEPT = NAMES
FAILURES: Mapping[str, Callable[[str, str], Fault]] = {
    "gone": lambda service, operation: Fault(gone_code(service, operation)),
    "denied": lambda _, __: Fault("AccessDeniedException", 403),
    "throttled": lambda _, __: Fault("ThrottlingException"),
    "broken": lambda _, __: Fault("InternalServerError", 500),
}
# Calls for one quota of a whole service, and a shared listing that says whose call it is by its parameters only.
_OF_NO_RESOURCE = ("GetMetricData", "LookupEvents")


def read(source: Source, change: Callable[[Asked, Any], Any] = lambda _, answer: answer) -> "Reading":
    aws = ScriptedAws(PAIRS, change)
    reader = aws.reader(source.name, everywhere=source.where == "global")
    return Reading(list(source.read(reader)), reader.unread, aws.asked)


class Reading:
    """What one source yields, could not read, and asked."""

    def __init__(self, facts: Sequence[Fact], unread: Sequence[UnreadResource], asked: Sequence[Asked]) -> None:
        self.facts, self.unread, self.asked = facts, unread, asked

    def of(self, name: str) -> list[Fact]:
        return [fact for fact in self.facts if name in fact.resource or name in str(fact.about)]


def of_one_resource(reading: Reading) -> list[tuple[str, str]]:
    """The operations that were called for one resource, or for a few of them by name."""
    calls = ((service, operation) for service, operation, params in reading.asked if LOST in str(params))
    return list(dict.fromkeys(call for call in calls if call[1] not in _OF_NO_RESOURCE))


def failing(call: tuple[str, str], fault: Fault) -> Callable[[Asked, Any], Any]:
    def change(asked: Asked, answer: Any) -> Any:
        return fault if asked[:2] == call and LOST in str(asked[2]) else answer

    return change


def answers() -> Iterator[tuple[tuple[str, str], Any]]:
    """Every answer that any source gets, once per request."""
    seen: dict[str, tuple[tuple[str, str], Any]] = {}

    def note(asked: Asked, answer: Any) -> Any:
        seen[str(asked)] = (asked[:2], answer)
        return answer

    for source in ALL:
        read(source, note)
    yield from seen.values()


def test_the_script_is_in_the_shapes_of_aws() -> None:
    wrong = [
        f"{call}{path}" for call, answer in answers() for path in unknown_members(model_of(*call).output_shape, answer)
    ]
    assert wrong == []


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)
def test_every_source_has_two_resources_that_share_nothing(source: Source) -> None:
    whole = read(source)
    assert whole.unread == []
    assert source.name == "aws_quotas" or (whole.of(LOST) and len(whole.of(LOST)) == len(whole.of(KEPT)))
    assert {type(fact) for fact in whole.facts} == set(source.facts)


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)
def test_a_failing_call_costs_its_resource_alone(source: Source, failure: str) -> None:
    whole = read(source)
    for call in of_one_resource(whole):
        less = read(source, failing(call, FAILURES[failure](*call)))
        assert less.of(KEPT) == whole.of(KEPT), call
        told = {(LOST in unread.resource, unread.error.action) for unread in less.unread}
        assert told == (set() if failure == "gone" else {(True, iam_action(*call))}), (call, less.unread)


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)
def test_a_missing_field_costs_its_resource_alone(source: Source) -> None:
    whole = read(source)
    for asked in {str(asked): asked for asked in whole.asked}.values():
        answer = PAIRS.get(asked[:2], {})
        answer = answer(asked[2]) if callable(answer) else answer
        for path in optional_fields(model_of(*asked[:2]).output_shape, answer):
            told = str(asked[2]) + str(_row_at(answer, path))
            if KEPT not in told:
                check_one_field_less(source, whole, asked, path)


def check_one_field_less(source: Source, whole: Reading, of: Asked, path: Path) -> None:
    less = read(source, lambda asked, answer: without(answer, path) if asked == of else answer)
    assert less.of(KEPT) == whole.of(KEPT), (of, path)
    if not less.of(LOST) and whole.of(LOST) and path[-1] not in _DECIDES:
        assert less.unread, (of, path)


# Without its instances a reservation is none.
_DECIDES = ("Instances",)


def _row_at(answer: Any, path: Path) -> Any:
    """The item of the answer's own list that a path leads into; the whole answer if it has none."""
    found = answer
    for step in path:
        found = found[step]
        if isinstance(step, int):
            return found
    return answer


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)
def test_an_odd_answer_raises_nothing_and_names_its_action(source: Source) -> None:
    for asked in {str(asked): asked for asked in read(source).asked}.values():
        for damage in (_emptied, _with_empty_rows):
            odd = read(source, lambda call, answer: damage(answer) if call == asked else answer)  # noqa: B023 - called here
            assert all(unread.error.action for unread in odd.unread), (asked, odd.unread)


def _emptied(_: Any) -> Any:
    return {}


def _with_empty_rows(answer: Mapping[str, Any]) -> Any:
    def rows(value: Any) -> Any:
        return [{} for _ in value] if isinstance(value, list) and value and isinstance(value[0], Mapping) else value

    return {name: rows(value) for name, value in answer.items()}

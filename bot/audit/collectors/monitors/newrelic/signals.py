"""Whether the queries of conditions return data: several are run in one call, each for the last hour."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.audit.collectors.monitors.newrelic.payloads import ConditionPayload
from bot.net.plain_text import line
from checks import AlarmState, Maybe, Unread

AT_A_TIME: Final = 10
"""Queries of one call. NerdGraph takes 25 at a time of one user
(https://docs.newrelic.com/docs/apis/nerdgraph/get-started/nerdgraph-usage-limits/)."""

_TIMED: Final = re.compile(r"\b(?:SINCE|UNTIL|TIMESERIES)\b", re.IGNORECASE)
_FACET: Final = re.compile(r"\bFACET\b", re.IGNORECASE)


def batches(conditions: Sequence[ConditionPayload], most: int) -> Iterator[Sequence[ConditionPayload]]:
    """The conditions whose queries are run, enabled ones only and at most so many, by call."""
    asked = [condition for condition in conditions if condition.nrql.query and condition.enabled is not False][:most]
    for start in range(0, len(asked), AT_A_TIME):
        yield asked[start : start + AT_A_TIME]


def batch_query(conditions: Sequence[ConditionPayload]) -> tuple[str, dict[str, str]]:
    """The GraphQL query of a call, and its variables: `r0` is the answer for the first condition."""
    names = [f"q{number}" for number in range(len(conditions))]
    declared = "".join(f", ${name}: Nrql!" for name in names)
    fields = " ".join(f"r{name[1:]}: nrql(query: ${name}, timeout: 20) {{ results }}" for name in names)
    variables = {name: _last_hour(condition.nrql.query) for name, condition in zip(names, conditions, strict=True)}
    return f"query($account: Int!{declared}) {{ actor {{ account(id: $account) {{ {fields} }} }} }}", variables


def _last_hour(query: str) -> str:
    """The query for the last hour; one that says its time itself as it is."""
    return query if _TIMED.search(query) else f"{query} SINCE 60 minutes ago"


def batch_errors(errors: object) -> dict[str, str]:
    """The error of each failed query, by its name (`r0`); other errors are of the whole call, by an empty name."""
    found: dict[str, str] = {}
    for error in errors if isinstance(errors, list) else ():
        path = error.get("path") if isinstance(error, Mapping) else None
        name = (
            next((str(step) for step in path if re.fullmatch(r"r\d", str(step))), "") if isinstance(path, list) else ""
        )
        said = error.get("message") if isinstance(error, Mapping) else ""
        found.setdefault(name, line(str(said or "no reason given"), 200))
    return found


def signal_of_results(condition: ConditionPayload, results: Any) -> Maybe[AlarmState]:
    """Whether the results of a condition's query are data. Of groups that count failures, none is also what health looks like."""
    if not isinstance(results, list):
        return Unread("its query gave no results")
    values = [value for row in results if isinstance(row, Mapping) for value in _numbers(row)]
    if any(value is not None for value in values):
        return AlarmState.OK
    if _FACET.search(condition.nrql.query):
        return Unread("its query finds no group now, which may be right")
    return AlarmState.NO_DATA


def _numbers(row: Mapping[str, Any]) -> Iterator[Any]:
    """The values of a row; those of percentiles and the like are one level deeper."""
    for key, value in row.items():
        if key in ("beginTimeSeconds", "endTimeSeconds", "facet"):
            continue
        if isinstance(value, Mapping):
            yield from value.values()
        else:
            yield value

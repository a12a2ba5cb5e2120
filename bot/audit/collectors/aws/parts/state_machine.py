"""Finds the tasks of a state machine in its definition, in the Amazon States Language (https://states-language.net)."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

# ARNs with an account: `arn:aws:states:::lambda:invoke` names an integration instead of a resource.
_ARN: Final = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:\d{12}:[^\s\"'\\{}]+")


@dataclass(frozen=True, slots=True)
class Tasks:
    """The number of tasks of a state machine, the names of those that neither retry nor catch an error, and what they call.

    A task inside a parallel or map state that retries or catches is guarded by that state.
    """

    count: int
    unguarded: tuple[str, ...]
    calls: tuple[str, ...] = ()

    @classmethod
    def of(cls, definition: str) -> "Tasks":
        """The tasks of a definition.

        Raises:
            ValueError: it is no JSON.
            LookupError: it has no states.
        """
        found = list(_tasks(json.loads(definition), guarded=False))
        calls = (plain_function(arn) for arn in _ARN.findall(definition))
        return cls(len(found), tuple(name for name, guarded in found if not guarded), tuple(dict.fromkeys(calls)))


def _tasks(machine: Mapping[str, Any], *, guarded: bool) -> Iterator[tuple[str, bool]]:
    for name, state in machine["States"].items():
        safe = guarded or bool(state.get("Retry") or state.get("Catch"))
        if state.get("Type") == "Task":
            yield name, safe
        inner = [*state.get("Branches", ()), *(state[key] for key in ("Iterator", "ItemProcessor") if key in state)]
        for below in inner:
            yield from _tasks(below, guarded=safe)


def plain_function(arn: str) -> str:
    """The ARN of a Lambda function without its version or alias; any other ARN as it is."""
    parts = arn.split(":")
    return ":".join(parts[:7]) if len(parts) == 8 and parts[2] == "lambda" else arn

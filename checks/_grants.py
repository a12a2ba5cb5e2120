"""What to let backstay read: where little was read, the first fix is the permission that is missing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from checks._finding import Finding
from checks._model import Outcome

_DENIED = re.compile(r"access denied to ([a-z0-9-]+:[A-Za-z0-9*]+)")


_Cause: TypeAlias = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Grant:
    """What to grant or fix so that `unknown` findings of `services` can be judged.

    `action` is the denied permission (`dynamodb:ListTables`), empty where something else stopped the reading; `reason`
    says what did (`the AWS token has expired`). `nothing_found`: all was read, and the services have no resource in it.
    """

    action: str
    reason: str
    unknown: int
    services: tuple[str, ...]
    nothing_found: bool = False


@dataclass(slots=True)
class _Unread:
    unknown: int = 0
    services: dict[str, None] = field(default_factory=dict)


def grants(findings: Iterable[Finding]) -> tuple[Grant, ...]:
    """What is missing, what hides most findings first. Regions that the settings leave out and what is too old are not missing."""
    found: dict[_Cause, _Unread] = {}
    for finding in findings:
        cause = _cause(finding)
        if cause is not None:
            unread = found.setdefault(cause, _Unread())
            unread.unknown += 1
            unread.services[finding.service.name] = None
    return _sorted(_grant(cause, unread.unknown, tuple(unread.services)) for cause, unread in found.items())


def joined(several: Iterable[Iterable[Grant]]) -> tuple[Grant, ...]:
    """The grants of several services as those of the whole."""
    found: dict[_Cause, list[Grant]] = {}
    for grant in (grant for of_service in several for grant in of_service):
        found.setdefault((grant.action, grant.reason, grant.nothing_found), []).append(grant)
    return _sorted(
        _grant(
            cause,
            sum(grant.unknown for grant in same),
            tuple(dict.fromkeys(name for grant in same for name in grant.services)),
        )
        for cause, same in found.items()
    )


def _grant(cause: _Cause, unknown: int, services: tuple[str, ...]) -> Grant:
    action, reason, nothing_found = cause
    return Grant(action, reason, unknown, services, nothing_found)


def _sorted(found: Iterable[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(found, key=lambda grant: (-grant.unknown, grant.action, grant.reason)))


def _cause(finding: Finding) -> _Cause | None:
    if finding.outcome is not Outcome.UNKNOWN:
        return None
    gap = finding.gap
    denied = _DENIED.search(finding.summary if gap is None else gap.reason)
    if denied is not None:
        return denied[1], f"access denied to {denied[1]}", False
    if gap is None or gap.by_choice or not (gap.source or gap.provider or gap.nothing_found):
        return None
    return "", gap.reason, gap.nothing_found

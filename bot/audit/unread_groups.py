"""Groups failed reads by action and reason: `rds:DescribeDBInstances: access denied in 17 regions`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from checks import GLOBAL, Gap

_NAMED: Final = 2
"""So many regions are named; more are counted."""
_TOGETHER: Final = 3
"""More actions than these with the same reason in the same places make one group."""


@dataclass(frozen=True, slots=True)
class UnreadGroup:
    """The same failure of one action or several. `actions`: IAM actions, empty where the failure is of none in particular.

    `resources`: number of resources that could not be read; 0 where it was whole lists.
    """

    actions: tuple[str, ...]
    reason: str
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    resources: int = 0

    def __str__(self) -> str:
        """One line, without a full stop at its end."""
        found = " ".join(filter(None, (self.reason, _count("for", self.resources, "resource"), self._places())))
        if len(self.actions) > _TOGETHER:
            return f"{len(self.actions)} actions: {found}: {', '.join(self.actions)}"
        return f"{', '.join(self.actions)}: {found}" if self.actions else found

    def _places(self) -> str:
        regions = [region for region in self.regions if region not in ("", GLOBAL)]
        where = f"in {' and '.join(regions)}" if len(regions) <= _NAMED else f"in {len(regions)} regions"
        accounts = f"of {len(self.accounts)} accounts" if len(self.accounts) > 1 else ""
        return " ".join(filter(None, (where if regions else "", accounts)))


def unread_groups(gaps: Iterable[Gap]) -> list[UnreadGroup]:
    """These gaps as groups, sorted by action. Many actions with the same reason in the same places are one group."""
    by_failure: dict[tuple[str, str], list[Gap]] = defaultdict(list)
    for gap in gaps:
        reason = _general(gap)
        by_failure[gap.action if reason != gap.reason or gap.action in gap.reason else "", reason].append(gap)
    single = [_group((action,) if action else (), reason, found) for (action, reason), found in by_failure.items()]
    return sorted(_joined(single), key=lambda group: (group.actions, group.reason))


def _joined(groups: Iterable[UnreadGroup]) -> Iterator[UnreadGroup]:
    alike: dict[tuple[object, ...], list[UnreadGroup]] = defaultdict(list)
    for group in groups:
        alike[group.reason, group.accounts, group.regions, bool(group.resources)].append(group)
    for same in alike.values():
        if len(same) <= _TOGETHER:
            yield from same
        else:
            first = same[0]
            actions = tuple(sorted(action for group in same for action in group.actions))
            total = sum(group.resources for group in same)
            yield UnreadGroup(actions, first.reason, first.accounts, first.regions, total)


def _group(actions: tuple[str, ...], reason: str, gaps: Sequence[Gap]) -> UnreadGroup:
    return UnreadGroup(
        actions,
        reason,
        tuple(sorted({gap.account for gap in gaps if gap.account})),
        tuple(sorted({gap.region for gap in gaps})),
        len({gap.resource for gap in gaps if gap.resource}),
    )


def _general(gap: Gap) -> str:
    """The reason without its action and region, which the group names: `access denied`, `404`."""
    reason = gap.reason
    if gap.action:
        for text in (f" of {gap.action}", f" to {gap.action}", f" during {gap.action}", f"{gap.action} failed: "):
            reason = reason.replace(text, "")
        reason = reason.removeprefix(f"{gap.action} ")
    return reason.replace(f" in {gap.region}", "") if gap.region else reason


def _count(before: str, number: int, noun: str) -> str:
    return f"{before} {number} {noun}{'' if number == 1 else 's'}" if number else ""

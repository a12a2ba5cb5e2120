"""Assigns gaps to services: which kinds of facts may be missing for each of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot.audit.attribution.hidden_followers import FOLLOWING_KINDS, HiddenFollowers
from bot.audit.attribution.selectors import within
from bot.model.entries import Selector
from checks import GLOBAL, Alarm, Fact, Gap, LoadBalancer

_LINKED = (*FOLLOWING_KINDS, LoadBalancer)  # kinds that a service may own through another resource
_STACK_TAG = "aws:cloudformation:stack-name"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_Limits = tuple[tuple[str, ...], tuple[str, ...]]
ServicesAt = Mapping[tuple[str, str, str], set[int]]
"""The services (by position) with a resource in each (provider, account, region)."""


def stand_in(gap: Gap) -> Fact:
    """A fact with the identity of the one resource that a gap is about, for finding its owners and those of its alarms."""
    return Fact(
        resource=gap.resource,
        name=gap.resource,
        provider=gap.provider,
        account=gap.account,
        region=gap.region,
        product="",
        source=gap.source,
        observed_at=_NEVER,
        tags=gap.tags,
        stack=gap.tags.get(_STACK_TAG, ""),
    )


class GapIndex:
    """The gaps that concern each service.

    A gap of a whole list concerns each service within whose accounts and regions it is; of a list of shared facts (quotas,
    networks), the services that have a resource there or may have one in another list that was not read. A gap of one
    resource concerns its owners. A fact without an owner may belong to a service whose list is incomplete: an alarm on a
    table that was not listed must not count as a missing alarm. So its kind is added to that gap.
    """

    def __init__(
        self,
        gaps: Sequence[Gap],
        facts: Sequence[Fact],
        owners: Sequence[set[int]],
        services_at: ServicesAt,
        owners_of: Callable[[Gap], set[int]],
    ) -> None:
        followers = HiddenFollowers(facts, owners) if gaps else None
        whole = [gap if followers is None else followers.added_to(gap) for gap in gaps if not gap.resource]
        self._lists = [gap for gap in whole if not _is_shared(gap)]
        self._shared = [gap for gap in whole if _is_shared(gap)]
        self._services_at, self._known = services_at, dict[_Limits, tuple[Gap, ...]]()
        self._owned: dict[int, list[Gap]] = defaultdict(list)
        self._anyones: list[Gap] = []
        for gap in gaps:
            if gap.resource and gap.kinds:
                self._assign(gap, owners_of(gap))

    def _assign(self, gap: Gap, owners: set[int]) -> None:
        for at in owners:
            self._owned[at].append(gap)
        if not owners and any(kind in _LINKED for kind in gap.kinds):
            self._anyones.append(gap)
        elif not owners and _is_shared(gap):
            self._shared.append(gap)

    def of_service(self, at: int, selector: Selector) -> tuple[Gap, ...]:
        """The gaps that concern the service at this position; of a selector that selects no resources, those of monitoring systems.

        Any service may be watched by the alerts that are missing there: they find it by its name.
        """
        if not selector.finds_something:
            return tuple(gap for gap in self._lists if _is_of_monitoring(gap))
        lists = self._lists_within(selector)
        return (
            *lists,
            *self._shared_near(at, selector, lists),
            *self._owned.get(at, ()),
            *(gap for gap in self._anyones if within(selector, gap.account, gap.region)),
        )

    def _shared_near(self, at: int, selector: Selector, lists: Sequence[Gap]) -> Iterator[Gap]:
        if not self._shared:
            return
        doubtful = {(gap.account, gap.region) for gap in lists if gap.kinds}
        for gap in self._shared:
            present = at in self._services_at.get((gap.provider, gap.account, gap.region), ())
            if within(selector, gap.account, gap.region) and (present or _may_be_at(gap, doubtful)):
                yield gap

    def _lists_within(self, selector: Selector) -> tuple[Gap, ...]:
        limits = (selector.accounts, selector.regions)
        if limits not in self._known:
            self._known[limits] = tuple(_within(selector, self._lists))
        return self._known[limits]


def _within(selector: Selector, gaps: Iterable[Gap]) -> Iterator[Gap]:
    for gap in gaps:
        limited = gap.by_choice and selector.regions and set(selector.regions) <= set(gap.only_regions)
        if within(selector, gap.account, gap.region) and not limited:
            yield gap


def _is_of_monitoring(gap: Gap) -> bool:
    return gap.kinds == (Alarm,) and not gap.account and gap.region == GLOBAL


def _is_shared(gap: Gap) -> bool:
    return bool(gap.kinds) and all(kind.shared for kind in gap.kinds)


def _may_be_at(gap: Gap, doubtful: set[tuple[str, str]]) -> bool:
    """Whether a service may have a resource in the place of a gap that nobody saw: another list of that place is unread."""
    return not gap.region or not doubtful.isdisjoint({(gap.account, gap.region), (gap.account, ""), ("", "")})

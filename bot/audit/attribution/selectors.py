"""Matches facts to services by the catalogue's selectors: tags, stack, resource group or ARN, within accounts and regions."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from bot.audit.attribution.patterns import Patterns
from bot.audit.attribution.watched import WatchedServices
from bot.model.entries import CatalogueEntry, Selector
from checks import GLOBAL, Alarm, Fact

SERVICE_TAG = "backstay:service"
"""The tag of facts that the catalogue declares; its value is the service's name."""

Pair = tuple[str, str]


class SelectorIndex:
    """An index of all selectors. A service is given as its position in `entries`."""

    def __init__(self, entries: Sequence[CatalogueEntry]) -> None:
        self._selectors = [entry.selector for entry in entries]
        self._watched = WatchedServices(entries)
        self._position_of = {entry.service.name: at for at, entry in enumerate(entries)}
        self._by_pair = _by_rarest_pair(self._selectors)
        numbered = list(enumerate(self._selectors))
        self._stacks = Patterns((stack, at) for at, selector in numbered for stack in selector.stacks)
        self._arns = Patterns((arn, at) for at, selector in numbered for arn in selector.arns)
        self._places = [
            at
            for at, selector in numbered
            if selector.finds_something and not (selector.tags or selector.stacks or selector.arns)
        ]

    def owners(self, fact: Fact) -> set[int]:
        """The services whose selector matches this fact."""
        declared = fact.tags.get(SERVICE_TAG)
        if declared is not None:
            return {self._position_of[declared]} if declared in self._position_of else set()
        if isinstance(fact, Alarm) and fact.monitor:
            return self._watched.owners(fact)  # it is in no account and region
        found = set(self._by_tags(fact))
        if self._stacks:
            for name in filter(None, (fact.stack, fact.group)):
                found.update(self._stacks.match(name))
        if self._arns:
            found.update(self._arns.match(fact.resource))
        found.update(self._places)
        return {at for at in found if within(self._selectors[at], fact.account, fact.region)}

    def _by_tags(self, fact: Fact) -> Iterator[int]:
        tags = fact.tags
        for pair in tags.items():
            for at in self._by_pair.get(pair, ()):
                if all(tags.get(key) in values for key, values in self._selectors[at].tags.items()):
                    yield at


def within(selector: Selector, account: str, region: str) -> bool:
    """Whether a place is within the selector's accounts and regions. An empty account or region is within any."""
    if selector.accounts and account and account not in selector.accounts:
        return False
    return not selector.regions or region in selector.regions or region in ("", GLOBAL)


def _by_rarest_pair(selectors: Sequence[Selector]) -> dict[Pair, list[int]]:
    """Selectors by their rarest tag: filed under a common tag such as `env=prod`, all would be tried for each fact."""
    uses = Counter(pair for selector in selectors for pair in _pairs(selector))
    filed: dict[Pair, list[int]] = defaultdict(list)
    for at, selector in enumerate(selectors):
        if selector.tags:
            key = min(selector.tags, key=lambda key: sum(uses[key, value] for value in selector.tags[key]))
            for value in dict.fromkeys(selector.tags[key]):
                filed[key, value].append(at)
    return filed


def _pairs(selector: Selector) -> Iterator[Pair]:
    return ((key, value) for key, values in selector.tags.items() for value in values)

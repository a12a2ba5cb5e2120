"""What a source of AWS facts says of itself, and which sources there are."""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import bot.audit.collectors.aws.sources
from bot.audit.collectors.aws.reader import Reader
from checks import Fact

Read = Callable[[Reader], Iterator[Fact]]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing to read. A module of the folder `sources/` has it as `SOURCE`; nothing else lists it.

    `facts`: the kinds it yields, `where`: read once per region or once per account, `actions`: every IAM action that
    its calls need. `read` yields facts; a `ReadError` that it lets pass makes the rest of its place a gap.
    """

    name: str
    facts: tuple[type[Fact], ...]
    actions: tuple[str, ...]
    read: Read
    where: Literal["region", "global"] = "region"


@cache
def sources() -> tuple[Source, ...]:
    """Every source of the folder, by name."""
    folder = bot.audit.collectors.aws.sources
    names = [module.name for module in pkgutil.iter_modules(folder.__path__)]
    found: list[Source] = [importlib.import_module(f"{folder.__name__}.{name}").SOURCE for name in names]
    return tuple(sorted(found, key=lambda source: source.name))


def wanted(kinds: Collection[type[Fact]]) -> tuple[Source, ...]:
    """The sources that bring at least one of these kinds of facts."""
    return tuple(source for source in sources() if not set(kinds).isdisjoint(source.facts))

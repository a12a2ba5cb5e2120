"""Defines a source of AWS facts and finds all sources of the folder `sources/`."""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import bot.audit.collectors.aws.sources
from bot.audit.collectors.aws.reader import Reader
from checks import ComputeKind, Fact, StoreKind

Read = Callable[[Reader], Iterator[Fact]]


@dataclass(frozen=True, slots=True)
class Source:
    """One AWS resource type to read. Each module of `sources/` defines one as `SOURCE`; no other list is needed.

    `facts`: the kinds it yields. `where`: read once per region or once per account. `actions`: every IAM action that its
    calls need. `read` yields facts; a `ReadError` that it raises makes the rest of the place a gap. `shapes`: the kinds of
    its datastores or compute groups.
    """

    name: str
    facts: tuple[type[Fact], ...]
    actions: tuple[str, ...]
    read: Read
    shapes: tuple[StoreKind | ComputeKind, ...] = ()
    where: Literal["region", "global"] = "region"


@cache
def sources() -> tuple[Source, ...]:
    """All sources, sorted by name."""
    folder = bot.audit.collectors.aws.sources
    names = [module.name for module in pkgutil.iter_modules(folder.__path__)]
    found: list[Source] = [importlib.import_module(f"{folder.__name__}.{name}").SOURCE for name in names]
    return tuple(sorted(found, key=lambda source: source.name))


def sources_of(kinds: Collection[type[Fact]]) -> tuple[Source, ...]:
    """The sources that yield at least one of these kinds of facts."""
    return tuple(source for source in sources() if not set(kinds).isdisjoint(source.facts))

"""The kinds of resources that a world has, each with the function that makes facts of one; and reading many of them."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType

from bot.audit.collectors.engine.resource import Resource
from bot.audit.collectors.engine.row import NotKnownYetError, OddFieldError
from checks import Fact, Gap, Unread

Read = Callable[[Resource], Iterable[Fact]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource (`resource_type`: the name that its world has for it), and the kinds of facts that `read` makes of one.

    `permissions`: what has to be granted to read it, where its world grants types one by one.
    """

    resource_type: str
    facts: tuple[type[Fact], ...]
    read: Read
    permissions: tuple[str, ...] = ()


Kinds = Mapping[str, Kind]


@dataclass(slots=True)
class Made:
    """What was made of rows: facts, and a gap for each row that could not be read."""

    facts: list[Fact] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def kinds_in(package: ModuleType) -> Kinds:
    """The kinds of all modules of a package, by type in lower case. A module lists its own as `KINDS`; no other list is needed.

    Raises:
        ValueError: two modules read the same type.
    """
    found: dict[str, Kind] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        kinds: Sequence[Kind] = importlib.import_module(f"{package.__name__}.{module}").KINDS
        for kind in kinds:
            if found.setdefault(kind.resource_type.lower(), kind) is not kind:
                raise ValueError(f"{kind.resource_type} is read twice, the second time in {module}")
    return found


def facts_of(resources: Iterable[Resource], kinds: Kinds) -> Made:
    """The facts of these resources. One that is odd costs no other: it becomes a gap of its own. Other types are skipped.

    A field that could not be read is a gap that hides no kind of fact, so that `unread` lists it.
    """
    made = Made()
    for resource in resources:
        kind = kinds.get(resource.resource_type.lower())
        if kind is None:
            continue
        try:
            facts = tuple(kind.read(resource))
        except (OddFieldError, NotKnownYetError) as error:
            made.gaps.append(gap_of(resource, kind, str(error)))
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
            made.gaps.append(gap_of(resource, kind, "its description has an unexpected form"))
        else:
            made.facts += facts
            reasons = dict.fromkeys(reason for fact in facts for reason in _unread_in(fact))
            made.gaps += [replace(gap_of(resource, kind, reason), kinds=()) for reason in reasons]
    return made


def _unread_in(fact: Fact) -> Iterator[str]:
    for name in fact.__dataclass_fields__:
        value = getattr(fact, name)
        if isinstance(value, Unread):
            yield value.reason


def gap_of(resource: Resource, kind: Kind, reason: str) -> Gap:
    """The gap of one resource that could not be read."""
    identity = resource.identity
    action = kind.permissions[0] if kind.permissions else ""
    place = (identity.source, identity.provider, identity.account, identity.region)
    found = Gap(*place, reason, kind.facts, action, resource=identity.resource, tags=identity.tags)
    return replace(found, host=identity.host)

"""One resource of a plan with its links, as the kinds of Terraform read it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from bot.audit.collectors.engine.kinds import Kind, Read
from bot.audit.collectors.engine.resource import Resource
from bot.audit.collectors.engine.row import NotKnownYetError, OddFieldError
from bot.audit.collectors.terraform.entries import PlanEntry
from bot.audit.collectors.terraform.view import Links, View
from checks import Fact, Maybe, Unread

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlanResource(Resource):
    """A resource of a plan at one moment. `open_other`: gives another resource of the same moment by its entry."""

    entry: PlanEntry = field(kw_only=True)
    view: View = field(kw_only=True)
    open_other: "Callable[[PlanEntry], PlanResource]" = field(kw_only=True)

    def setting(self, read: Callable[[str], T], path: str, default: T) -> T | Unread:
        """What `read` (a method of this row) gives for a path.

        `default`: what the provider documents for a field that is not set; also taken where the plan has no value although
        nothing in the expression waits for apply.
        """
        try:
            found = read(path)
        except NotKnownYetError as error:
            return default if self.view.configuration.depends_on_no_resource(self.entry, path) else Unread(str(error))
        except OddFieldError as error:
            return Unread(str(error))
        return default if found is None or found == "" else found

    def flag_of(self, path: str, *, default: bool = False) -> Maybe[bool]:
        """A truth value, or the documented default."""
        return self.setting(lambda name: cast("bool", self.flag(name)), path, default)

    def number_of(self, path: str, default: int) -> Maybe[int]:
        """A whole number, or the documented default."""
        return self.setting(lambda name: cast("int", self.number(name)), path, default)

    def text_of(self, path: str, default: str = "") -> Maybe[str]:
        """A text, or the documented default."""
        return self.setting(self.text, path, default)

    def texts_of(self, path: str) -> Maybe[tuple[str, ...]]:
        """The texts of a list; none where it is not set."""
        none: tuple[str, ...] = ()
        return self.setting(self.texts, path, none)

    def plain(self, path: str, default: str = "") -> str:
        """A text where it is known, else the default: for names and labels that decide no verdict."""
        found = self.text_of(path, default)
        return default if isinstance(found, Unread) else found

    def blocks(self, path: str) -> "Maybe[tuple[Any, ...]]":
        """The blocks at a path, or why they are not known."""
        return self.setting(self.rows, path, ())

    def links(self, path: str, *types: str) -> Links:
        """The resources that a field names, see `View.links`."""
        return self.view.links(self.entry, path, types)

    def linked(self, path: str, *types: str) -> "list[PlanResource]":
        """The resources of these types that a field names, as far as known."""
        return [self.open_other(entry) for entry in self.links(path, *types).found]

    def identity_of(self, path: str, *types: str) -> str:
        """The identity of the first resource that a field names; the text itself for one outside of the plan; else empty."""
        links = self.links(path, *types)
        if links.found:
            return self.open_other(links.found[0]).identity.resource
        return links.others[0] if links.others else ""

    def needed(self, path: str, *types: str) -> str:
        """Like `identity_of`, for a field without which the resource cannot be judged. Empty where it is not set.

        Raises:
            NotKnownYetError: it is set to something that only apply tells.
            OddFieldError: it is of another type.
        """
        return self.identity_of(path, *types) or self.text(path)

    def identities_of(self, path: str, *types: str) -> tuple[str, ...]:
        """The identities of all resources that a field names, those outside of the plan as they are written."""
        links = self.links(path, *types)
        inside = (self.open_other(entry).identity.resource for entry in links.found)
        return tuple(dict.fromkeys((*inside, *links.others)))

    def joined(self, kind: str, path: str) -> "Joined":
        """The resources of a type that name this one at `path`: Terraform describes one thing in several resources."""
        found, doubtful = self.view.joined(self.entry, kind, path)
        doubt = f"which resource {doubtful[0].address} is for is known only after apply" if doubtful else ""
        return Joined([self.open_other(entry) for entry in found], Unread(doubt) if doubt else None)

    def others(self, *types: str) -> "list[PlanResource]":
        """All managed resources of these types."""
        return [self.open_other(entry) for entry in self.view.of_type(*types)]


@dataclass(frozen=True, slots=True)
class Joined:
    """The resources that name another one. `doubt`: why there may be more."""

    found: Sequence[PlanResource]
    doubt: Unread | None = None

    def regions_beside(self, home: str) -> Maybe[tuple[str, ...]]:
        """The regions of these resources without one of them; unread where none is known and there may be some."""
        regions = {other.identity.region for other in self.found}
        placeless = Unread("the region of a copy is known only after apply") if "" in regions else None
        return tuple(sorted(regions - {"", home})) or self.doubt or placeless or ()

    def first(self, read: Callable[[PlanResource], T], absent: T) -> "T | Unread":
        """What the first one says; without any, `absent`, or why that is not known."""
        if self.found:
            return read(self.found[0])
        return self.doubt or absent


def kind(resource_type: str, facts: tuple[type[Fact], ...], read: Callable[[PlanResource], Iterable[Fact]]) -> Kind:
    """A kind whose resources are those of a plan."""
    return Kind(resource_type, facts, cast("Read", read))


def all_of(answers: Iterable[Maybe[bool]]) -> Maybe[bool]:
    """False if any is False, else the first `Unread`, else True."""
    known = list(answers)
    if any(answer is False for answer in known):
        return False
    return next((answer for answer in known if isinstance(answer, Unread)), True)


def any_of(answers: Iterable[Maybe[bool]]) -> Maybe[bool]:
    """True if any is True, else the first `Unread`, else False."""
    known = list(answers)
    if any(answer is True for answer in known):
        return True
    return next((answer for answer in known if isinstance(answer, Unread)), False)


def unread_of(*answers: object) -> Unread | None:
    """The first of these answers that is not known."""
    return next((answer for answer in answers if isinstance(answer, Unread)), None)


def told(answer: Maybe[T], otherwise: T) -> T:
    """The answer where it is known: for fields that cannot be unread."""
    return otherwise if isinstance(answer, Unread) else answer


def above(answer: Maybe[int], least: int) -> Maybe[bool]:
    """Whether a number is above another one, where it is known."""
    return answer if isinstance(answer, Unread) else answer > least

"""Reads fields of nested JSON by path, where any field may be absent, of another type, or not known yet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from checks import Unread

T = TypeVar("T")


class OddFieldError(ValueError):
    """A field is there, with a value of another type than the world documents. `path`: which one."""

    def __init__(self, path: str, value: object, expected: str) -> None:
        super().__init__(f"{path} is {type(value).__name__}, not {expected}")
        self.path = path


class NotKnownYetError(Exception):
    """A field has no value before something is applied. `path`: which one."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is known only after apply")
        self.path = path


@dataclass(frozen=True, slots=True)
class Row:
    """One JSON object. A path steps inwards at dots (`settings.backupConfiguration.enabled`), and through lists of blocks to
    their first one: Terraform writes a block that occurs once as a list of one.

    `unknown`: the same nesting with True in place of every value that is known only after apply. Every method raises
    `NotKnownYetError` for such a field, and `OddFieldError` for one of another type.
    """  # noqa: D205 - the first sentence has to name both rules

    body: Mapping[str, Any]
    unknown: Any = None

    def value(self, path: str) -> Any:
        """The value at a path as it is; None where it is absent."""
        here: Any = self.body
        hidden: Any = self.unknown
        if hidden is None:
            for step in path.split("."):
                here = here if type(here) is dict else _inside(here)
                here = here.get(step) if isinstance(here, (dict, Mapping)) else None
            return here
        for step in path.split("."):
            here, hidden = _inside(here), _inside(hidden)
            if hidden is True:
                raise NotKnownYetError(path)
            hidden = hidden.get(step) if isinstance(hidden, Mapping) else None
            here = here.get(step) if isinstance(here, Mapping) else None
        if hidden is True:
            raise NotKnownYetError(path)
        return here

    def text(self, path: str, default: str = "") -> str:
        """A text; a number or truth value as JSON writes it."""
        found = self.value(path)
        if found is None:
            return default
        if isinstance(found, bool):
            return "true" if found else "false"
        if not isinstance(found, (str, int, float)):
            raise OddFieldError(path, found, "a text")
        return str(found)

    def number(self, path: str) -> int | None:
        """A whole number, also where it is written as text (as 64-bit numbers are in Google's JSON)."""
        found = self.value(path)
        if found is None or found == "":
            return None
        try:
            return int(found)
        except (TypeError, ValueError):
            raise OddFieldError(path, found, "a number") from None

    def flag(self, path: str) -> bool | None:
        """True or False, also where it is written as text; None where it is absent."""
        found = self.value(path)
        if found is None or found == "":
            return None
        if isinstance(found, bool):
            return found
        if isinstance(found, str) and found.lower() in ("true", "false"):
            return found.lower() == "true"
        raise OddFieldError(path, found, "true or false")

    def texts(self, path: str) -> tuple[str, ...]:
        """The texts of a list; a single text is a list of one. Empty where it is absent."""
        found = self.value(path)
        if found is None:
            return ()
        if isinstance(found, str):
            return (found,)
        if not isinstance(found, Sequence) or any(
            not isinstance(item, (str, int)) for item in found if item is not None
        ):
            raise OddFieldError(path, found, "a list of texts")
        return tuple(str(item) for item in found if item is not None)

    def labels(self, path: str) -> Mapping[str, str]:
        """A mapping of texts, such as tags. Empty where it is absent."""
        found = self.value(path)
        if found is None:
            return {}
        if not isinstance(found, Mapping):
            raise OddFieldError(path, found, "a mapping")
        return {str(key): str(value) for key, value in found.items() if value is not None}

    def row(self, path: str) -> "Row":
        """The object at a path; an empty one where it is absent."""
        found, hidden = _inside(self.value(path)), self._hidden(path)
        if found is None:
            return Row({}, hidden)
        if not isinstance(found, Mapping):
            raise OddFieldError(path, found, "an object")
        return Row(found, hidden)

    def rows(self, path: str) -> tuple["Row", ...]:
        """The objects of a list; a single object is a list of one. Empty where it is absent."""
        found = self.value(path)
        if found is None:
            return ()
        items = [found] if isinstance(found, Mapping) else found
        if not isinstance(items, Sequence) or isinstance(items, str) or any(not isinstance(i, Mapping) for i in items):
            raise OddFieldError(path, found, "a list of objects")
        hidden = self._hidden(path, whole=True)
        beside = hidden if isinstance(hidden, Sequence) and len(hidden) == len(items) else [None] * len(items)
        return tuple(Row(item, unknown) for item, unknown in zip(items, beside, strict=True))

    def when(self, path: str) -> datetime | None:
        """A moment of ISO 8601 (RFC 3339), in UTC; None where it is absent."""
        found = self.text(path)
        if not found:
            return None
        try:
            moment = datetime.fromisoformat(_six_digits(found))
        except ValueError:
            raise OddFieldError(path, found, "a moment of ISO 8601") from None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def maybe(self, read: Callable[[str], T], path: str) -> T | Unread:
        """What `read` (a method of this row) gives for a path, or `Unread` with the reason."""
        try:
            return read(path)
        except (NotKnownYetError, OddFieldError) as error:
            return Unread(str(error))

    def known(self, *paths: str) -> bool:
        """Whether all these fields are known now. They may be absent."""
        for path in paths:
            try:
                self.value(path)
            except NotKnownYetError:
                return False
        return True

    def _hidden(self, path: str, *, whole: bool = False) -> Any:
        hidden: Any = self.unknown
        for step in path.split("."):
            hidden = _inside(hidden)
            hidden = hidden.get(step) if isinstance(hidden, Mapping) else None
        return hidden if whole else _inside(hidden)

    def __iter__(self) -> Iterator[str]:
        return iter(self.body)


def _inside(value: Any) -> Any:
    """The first block of a list of blocks; everything else as it is."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return next((item for item in value if isinstance(item, Mapping) or item is True), None)
    return value


def _six_digits(moment: str) -> str:
    """A moment with at most six digits of a second: Google and Azure write up to nine, Python reads six."""
    whole, dot, rest = moment.partition(".")
    if not dot:
        return moment
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{whole}.{rest[:digits][:6]}{rest[digits:]}"

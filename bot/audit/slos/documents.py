"""Reads OpenSLO files into their objects, by kind and name.

Source: https://github.com/OpenSLO/OpenSLO (specification of `openslo/v1` and of `openslo/v1alpha`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from bot.audit.collectors.engine.row import OddFieldError, Row

VERSIONS: Final = ("openslo/v1", "openslo/v1alpha")
KINDS: Final = (*("SLO", "SLI", "Service", "DataSource", "AlertPolicy", "AlertCondition", "AlertNotificationTarget"),)
MOST_CHARACTERS: Final = 1_000_000
MOST_OBJECTS: Final = 2_000


class OpenSloError(ValueError):
    """A file or an object is not of the specified form. The text says where and what to write."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
    """Leaves timestamps as they are written: calendars have a time zone of their own."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class OpenSloObject:
    """One object. `file`: its file's name, for people, `path`: the whole path."""

    version: str
    kind: str
    name: str
    body: Row
    file: str
    path: str = ""


@dataclass(slots=True)
class Documents:
    """The objects of several files. References go by kind and name over all files."""

    slos: list[OpenSloObject] = field(default_factory=list)
    others: dict[tuple[str, str], OpenSloObject] = field(default_factory=dict)

    def add(self, documents: Iterable[OpenSloObject]) -> None:
        """Add the objects of a file; of two of one kind and name the first counts."""
        for document in documents:
            if document.kind == "SLO":
                self.slos.append(document)
            else:
                self.others.setdefault((document.kind, document.name), document)

    def referred(self, kind: str, name: str) -> Row:
        """The object that a reference names.

        Raises:
            OpenSloError: there is none.
        """
        found = self.others.get((kind, name))
        if found is None:
            raise OpenSloError(f"refers to {kind} {name!r}, which no listed file has")
        return found.body


def documents_of(file: str, text: str, path: str = "") -> list[OpenSloObject]:
    """The objects of a file: YAML with one or more documents, or a list of objects.

    Raises:
        OpenSloError: it is not YAML, or an object is not of OpenSLO.
    """
    if len(text) > MOST_CHARACTERS:
        raise OpenSloError(f"{file} has more than {MOST_CHARACTERS:,} characters")
    found = []
    for number, body in enumerate(_bodies(file, text), 1):
        if number > MOST_OBJECTS:
            raise OpenSloError(f"{file} has more than {MOST_OBJECTS:,} objects")
        found.append(_document(file, path, number, body))
    if not found:
        raise OpenSloError(f"{file} is empty")
    return found


def _bodies(file: str, text: str) -> Iterator[Any]:
    try:
        for loaded in yaml.load_all(text.removeprefix("\ufeff"), Loader=_Loader):
            if isinstance(loaded, list):
                yield from loaded
            elif loaded is not None:
                yield loaded
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise OpenSloError(f"{file}:{line}: {error.problem or 'is not YAML'}") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise OpenSloError(f"{file}: is not YAML") from None


def _document(file: str, path: str, number: int, body: Any) -> OpenSloObject:
    if not isinstance(body, Mapping):
        raise OpenSloError(f"{file}: object {number} is not a mapping with apiVersion and kind")
    row = Row(body)
    try:
        version, kind, name = row.text("apiVersion"), row.text("kind"), row.text("metadata.name")
    except OddFieldError as error:
        raise OpenSloError(f"{file}: object {number}: {error}") from None
    if version not in VERSIONS:
        raise OpenSloError(f"{file}: object {number} has apiVersion {version[:60]!r}; write {' or '.join(VERSIONS)}")
    if kind not in KINDS:
        raise OpenSloError(f"{file}: object {number} has the unknown kind {kind[:60]!r}; write {', '.join(KINDS)}")
    if not name:
        raise OpenSloError(f"{file}: object {number} has no metadata.name")
    return OpenSloObject(version, kind, name[:200], row, file, path)

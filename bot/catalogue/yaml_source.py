"""YAML text -> plain data and the place of every value in the file; nothing is taken on trust.

Scalars stay the text that was written (the models give them their type), so that an account id keeps its leading
zero and a tag called `on` stays a word. Size, depth and the growth that aliases cause are bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.catalogue.problems import ConfigProblem, PathSteps

MAX_BYTES = 5_000_000
MAX_DEPTH = 24
MAX_VALUES = 500_000
_NULLS = ("", "~", "null", "Null", "NULL")
_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
)
_MERGE = "<<"


@dataclass(slots=True)
class Document:
    """One YAML document: its data (dict, list, str, None), the place (line, column) of every path, what is wrong.

    A place of a mapping's value is that of its key: this is where a reader looks first.
    """

    data: Any = None
    places: dict[PathSteps, tuple[int, int]] = field(default_factory=dict)
    problems: list[ConfigProblem] = field(default_factory=list)

    def place(self, path: PathSteps) -> tuple[PathSteps, int, int]:
        """The longest part of `path` that is in the file, its line and its column.

        A number where the file has a mapping stands for the key at that place: some mappings are read as lists.
        """
        path = self._by_keys(path)
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return path[:end], *self.places[path[:end]]
        return (), 0, 0

    def _by_keys(self, path: PathSteps) -> PathSteps:
        at: Any = self.data
        found: list[str | int] = []
        for step in path:
            key = step
            if isinstance(at, dict) and isinstance(step, int) and step < len(at):
                key = list(at)[step]
            found.append(key)
            known = isinstance(at, dict) or (isinstance(at, list) and isinstance(key, int) and key < len(at))
            at = (at.get(key) if isinstance(at, dict) else at[key]) if known else None
        return tuple(found)


def read_documents(text: str, file: str) -> list[Document]:
    """Every document of a YAML stream. Never raises: what is wrong is in `problems` of the document."""
    too_much = _refuse(text, file)
    if too_much:
        return [Document(problems=[too_much])]
    try:
        nodes = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        return [Document(problems=[_malformed(error, file, text)])]
    return [_Reading(file).read(node) for node in nodes if node is not None]


_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Parser):  # type: ignore[misc]  # which parser it is is known only at run time
    """Parses without guessing types: every plain scalar is text, which the models read as they need it."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: object) -> str:  # noqa: ARG002 - PyYAML's signature
        names = {yaml.ScalarNode: "str", yaml.SequenceNode: "seq", yaml.MappingNode: "map"}
        return f"tag:yaml.org,2002:{names[kind]}"


def _refuse(text: str, file: str) -> ConfigProblem | None:
    """Look at the flat stream of events before any tree is built of it."""
    if len(text) > MAX_BYTES:
        return ConfigProblem(file, 0, 0, "", f"has {len(text):,} characters; the limit is {MAX_BYTES:,}")
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    return ConfigProblem(
                        file, *_at(event.start_mark), "", f"is nested more than {MAX_DEPTH} levels deep"
                    )
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError as error:
        return _malformed(error, file, text)
    return None


def _at(mark: Any) -> tuple[int, int]:
    """Line and column from 1; 0 where the parser cannot say."""
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _malformed(error: yaml.YAMLError, file: str, text: str) -> ConfigProblem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = _at(mark)
    lines = text.splitlines()
    if line and line <= len(lines) and "\t" in lines[line - 1][: max(column, 1)]:
        return ConfigProblem(file, line, lines[line - 1].index("\t") + 1, "", "has a tab here; indent with spaces")
    said = getattr(error, "problem", None) or str(error).splitlines()[0]
    return ConfigProblem(file, line, column, "", f"is not valid YAML: {said}")


class _Reading:
    """One document's nodes -> data. Aliases may repeat a value, but not without bound and not inside itself."""

    def __init__(self, file: str) -> None:
        self.file, self.document = file, Document()
        self.open: set[int] = set()
        self.values = 0

    def read(self, node: yaml.Node) -> Document:
        self.document.data = self._value(node, ())
        return self.document

    def _say(self, node: yaml.Node, path: PathSteps, text: str) -> None:
        mark = node.start_mark
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
        self.document.problems.append(ConfigProblem(self.file, mark.line + 1, mark.column + 1, where, text))

    def _value(self, node: yaml.Node, path: PathSteps) -> Any:
        self.values += 1
        if self.values > MAX_VALUES:
            if self.values == MAX_VALUES + 1:
                self._say(node, path, f"expands to more than {MAX_VALUES:,} values through aliases")
            return None
        self.document.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if node.tag not in _TAGS:
            self._say(node, path, f"the YAML tag {node.tag} is not allowed here")
            return None
        if isinstance(node, yaml.ScalarNode):
            return None if not node.style and node.value in _NULLS else node.value
        if id(node) in self.open:
            self._say(node, path, "contains itself through an alias")
            return None
        self.open.add(id(node))
        made = self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._sequence(node, path)
        self.open.discard(id(node))
        return made

    def _sequence(self, node: yaml.Node, path: PathSteps) -> list[Any]:
        return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: PathSteps) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._say(key, path, "a key must be plain text")
            elif key.value == _MERGE and not key.style:
                for mapping in self._merges(value, path):
                    merged = self._mapping(mapping, path) | merged
            elif key.value in own:
                self._say(key, path, f"the key {key.value!r} is already defined in line {first[key.value]}")
            else:
                first[key.value] = key.start_mark.line + 1
                self.document.places[*path, key.value] = (first[key.value], key.start_mark.column + 1)
                own[key.value] = self._value(value, (*path, key.value))
        return merged | own

    def _merges(self, node: yaml.Node, path: PathSteps) -> Iterator[yaml.MappingNode]:
        for item in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(item, yaml.MappingNode) and id(item) not in self.open:
                self.open.add(id(item))
                yield item
                self.open.discard(id(item))
            else:
                self._say(item, path, "<< takes a mapping, or a list of them")

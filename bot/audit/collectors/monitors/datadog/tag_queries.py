"""Reads tag queries of Datadog (`env:prod AND (team:a OR -host:b*)`) and applies them to tags.

Sources: https://docs.datadoghq.com/monitors/downtimes/ (scope of a downtime: AND, OR, NOT, wildcards) and
https://docs.datadoghq.com/metrics/advanced-filtering/ (comma for AND, `!` and `-` for NOT, `key:(a OR b)`, `key IN (a,b)`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

_TOKEN = re.compile(
    r"\s*(?:(?P<quoted>\"(?:[^\"\\]|\\.)*\")|(?P<mark>[(),])|(?P<not>[!-](?=[\w(\"@*]))|(?P<word>(?:[^\s(),\":]|:(?=\S))+:?))"
)
_MOST_TOKENS = 2_000
_DEEPEST = 50

Tags = Mapping[str, frozenset[str]]
"""The values of each tag key, in small letters; a tag without a value has the value ``."""


class OddQueryError(ValueError):
    """A query is not of the documented form."""


@dataclass(frozen=True, slots=True)
class TagTerm:
    """`key:value`, or one word without a key. Either may have wildcards."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """Inverts a query."""

    query: "Query"


@dataclass(frozen=True, slots=True)
class Every:
    """All of the queries hold; without any it holds always."""

    queries: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the queries holds."""

    queries: tuple["Query", ...]


Query = TagTerm | Not | Every | AnyOf


def parse(text: str) -> Query:
    """The query of a text; `*`, `all` and nothing match everything.

    Raises:
        OddQueryError: it is not of the documented form, or longer than 2,000 words.
    """
    if text.strip() in ("", "*", "all"):
        return Every(())
    reader = _Reader(list(_tokens(text)))
    query = reader.alternatives(0)
    if reader.at < len(reader.tokens):
        raise OddQueryError("a closing bracket without an opening one")
    return query


def tags_of(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    """The tags of texts such as `env:prod`."""
    found: dict[str, set[str]] = {}
    for text in texts:
        key, _, value = text.strip().lower().partition(":")
        found.setdefault(key.strip(), set()).add(value.strip())
    return {key: frozenset(values) for key, values in found.items()}


def holds(query: Query, tags: Tags) -> bool | None:
    """Whether the query holds on something with these tags; None where a key that it asks for is not among them.

    Of what a query watches only some tags are known, so a missing key proves nothing.
    """
    match query:
        case TagTerm("", word):
            return True if any(_alike(word, key) for key in tags) else None
        case TagTerm(key, value):
            known = tags.get(key)
            return None if known is None else any(_alike(value, had) for had in known)
        case Not(inner):
            answer = holds(inner, tags)
            return None if answer is None else not answer
        case Every(parts):
            return _all([holds(part, tags) for part in parts])
        case AnyOf(parts):
            inverted = _all([None if (answer := holds(part, tags)) is None else not answer for part in parts])
            return None if inverted is None else not inverted


def required(query: Query) -> dict[str, frozenset[str]]:
    """The values that each key must have for the query to hold: one of several where it names alternatives.

    Keys that only some alternatives name, negations and wildcards promise nothing and are left out.
    """
    match query:
        case TagTerm(key, value) if key and "*" not in value and "$" not in value:
            return {key: frozenset((value,))}
        case Every(parts):
            found: dict[str, frozenset[str]] = {}
            for part in parts:
                for key, values in required(part).items():
                    found[key] = found[key] & values or values if key in found else values
            return found
        case AnyOf(parts) if parts:
            each = [required(part) for part in parts]
            shared = set(each[0]).intersection(*each[1:])
            return {key: frozenset().union(*(part[key] for part in each)) for key in shared}
        case _:
            return {}


def _all(answers: Sequence[bool | None]) -> bool | None:
    if any(answer is False for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True


def _alike(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern in which only `*` is special."""
    return pattern == text if "*" not in pattern else fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, count = 0, 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at:
            raise OddQueryError("a character out of place")
        at, count = found.end(), count + 1
        if count > _MOST_TOKENS:
            raise OddQueryError(f"more than {_MOST_TOKENS} words")
        kind = str(found.lastgroup)
        value = found[kind]
        yield kind, _unquoted(value) if kind == "quoted" else value


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


class _Reader:
    """A recursive reader: OR binds least, then AND (also written as a comma or a space), then NOT."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at = tokens, 0

    def alternatives(self, depth: int, key: str = "") -> Query:
        if depth > _DEEPEST:
            raise OddQueryError("brackets nested too deep")
        parts = [self._conjunction(depth, key)]
        while self._word() == "OR":
            self.at += 1
            parts.append(self._conjunction(depth, key))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _conjunction(self, depth: int, key: str) -> Query:
        parts: list[Query] = []
        while self.at < len(self.tokens) and self._word() not in ("OR", ")"):
            if self._word() in ("AND", ","):
                self.at += 1
                continue
            parts.append(self._factor(depth, key))
        if not parts:
            raise OddQueryError("nothing between two operators")
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _factor(self, depth: int, key: str) -> Query:
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind == "not" or (kind == "word" and value == "NOT"):
            if self.at >= len(self.tokens) or depth > _DEEPEST:
                raise OddQueryError("nothing after NOT")
            return Not(self._factor(depth + 1, key))
        if (kind, value) == ("mark", "("):
            return self._bracket(depth, key)
        if kind == "quoted":
            return TagTerm(key, value.lower())
        return self._term(value.lower(), depth, key)

    def _term(self, word: str, depth: int, key: str) -> Query:
        if self._word() in ("IN", "in") and self._word(1) == "(":
            self.at += 2
            return self._values(word)
        if self._word() == "NOT" and self._word(1) == "IN" and self._word(2) == "(":
            self.at += 3
            return Not(self._values(word))
        if key:
            return TagTerm(key, word)
        if word == "*":
            return Every(())
        name, colon, value = word.partition(":")
        if colon and not value:
            return self._after_colon(name, depth)
        return TagTerm(name, value) if colon else TagTerm("", word)

    def _after_colon(self, name: str, depth: int) -> Query:
        """What follows `key:`: a bracket with values, or a quoted value."""
        if self._word() == "(":
            self.at += 1
            return self._bracket(depth, name)
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "quoted":
            self.at += 1
            return TagTerm(name, self.tokens[self.at - 1][1].lower())
        return TagTerm(name, "")

    def _values(self, key: str) -> Query:
        values = []
        while self.at < len(self.tokens) and self._word() != ")":
            kind, value = self.tokens[self.at]
            self.at += 1
            if kind in ("word", "quoted"):
                values.append(TagTerm(key, value.lower()))
        self._close()
        return AnyOf(tuple(values))

    def _bracket(self, depth: int, key: str) -> Query:
        inner = self.alternatives(depth + 1, key)
        self._close()
        return inner

    def _close(self) -> None:
        if self._word() != ")":
            raise OddQueryError("a bracket that is not closed")
        self.at += 1

    def _word(self, ahead: int = 0) -> str:
        """The operator, bracket or word at hand; empty for a quoted text and at the end."""
        at = self.at + ahead
        return self.tokens[at][1] if at < len(self.tokens) and self.tokens[at][0] != "quoted" else ""

"""Matchers of routes, silences and inhibitions, in both of Alertmanager's syntaxes, on labels of which some are not known.

https://prometheus.io/docs/alerting/latest/configuration/#matcher (classic and UTF-8). A label that is not there counts as empty,
and a regular expression has to match the whole value.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2  # type: ignore[import-untyped]  # it has no stubs

_CLASSIC_NAME: Final = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_ITEM: Final = re.compile(
    r"""\s*(?P<name>"(?:[^"\\]|\\.)*"|[^\s{}!=~,"'`\\]+)\s*(?P<op>=~|!~|!=|=)\s*(?P<value>"(?:[^"\\]|\\.)*"|(?:[^",{}\\]|\\.|\{\{[^}]*\}\}|[{}](?!\s*$))*?)\s*(?:,|$)""",
    re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", '"': '"', "\\": "\\"}
_QUIET: Final = re2.Options()
_QUIET.log_errors = False
_LONGEST: Final = 4_000


class MatcherError(ValueError):
    """A matcher cannot be read."""


@dataclass(frozen=True, slots=True)
class LabelMatcher:
    """One condition on a label. `operator`: =, !=, =~ or !~."""

    name: str
    operator: str
    value: str

    def holds(self, labels: Mapping[str, str], possible: frozenset[str] | None) -> bool | None:
        """Whether it holds; None where that depends on a label that is not known.

        `possible`: labels that may be there beside the known ones; None for any.
        """
        if self.name not in labels and (possible is None or self.name in possible):
            return None
        value = labels.get(self.name, "")
        if self.operator in ("=", "!="):
            return (value == self.value) is (self.operator == "=")
        return _fits(self.value, value) is (self.operator == "=~")

    def __str__(self) -> str:
        return f'{self.name}{self.operator}"{self.value}"'


def all_hold(
    matchers: Iterable[LabelMatcher], labels: Mapping[str, str], possible: frozenset[str] | None
) -> bool | None:
    """Whether all of them hold; None where that depends on labels that are not known."""
    answers = [matcher.holds(labels, possible) for matcher in matchers]
    return False if False in answers else None if None in answers else True


def parse_matchers(text: str) -> tuple[LabelMatcher, ...]:
    """The matchers of a text: one or more, separated by commas, with or without braces.

    Raises:
        MatcherError: it is none.
    """
    inner = text.strip()
    if inner.startswith("{") and inner.endswith("}"):
        inner = inner[1:-1].strip()
    found: list[LabelMatcher] = []
    at = 0
    while at < len(inner):
        match = _ITEM.match(inner, at)
        if not match or match.end() == at:
            raise MatcherError(f"{text[:60]!r} is not a matcher")
        found.append(_checked(_unquoted(match["name"]), match["op"], _unquoted(match["value"])))
        at = match.end()
    return tuple(found)


def matchers_of(route: Mapping[str, Any]) -> tuple[LabelMatcher, ...]:
    """The matchers of a route or of one side of an inhibition: `matchers`, and the older `match` and `match_re`.

    Raises:
        MatcherError: one cannot be read.
    """
    found = [_checked(name, "=", value) for name, value in _pairs(route.get("match"))]
    found += [_checked(name, "=~", value) for name, value in _pairs(route.get("match_re"))]
    listed = route.get("matchers") or ()
    for text in [listed] if isinstance(listed, str) else listed:
        found += parse_matchers(str(text))
    return tuple(found)


def object_matchers(rows: Iterable[Any]) -> tuple[LabelMatcher, ...]:
    """Matchers as Grafana lists them: `["team", "=", "shop"]`.

    Raises:
        MatcherError: one cannot be read.
    """
    found = []
    for row in rows:
        if not isinstance(row, list) or len(row) != 3:
            raise MatcherError("a matcher is not a list of three texts")
        found.append(_checked(*(str(part) for part in row)))
    return tuple(found)


def _pairs(found: Any) -> Iterable[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in found.items()] if isinstance(found, Mapping) else []


def _checked(name: str, operator: str, value: str) -> LabelMatcher:
    if operator not in ("=", "!=", "=~", "!~"):
        raise MatcherError(f"{operator[:5]!r} is not an operator")
    if operator in ("=~", "!~"):
        _compiled(value)
    return LabelMatcher(name, operator, value)


def _unquoted(text: str) -> str:
    plain = text.strip()
    if len(plain) >= 2 and plain[0] == plain[-1] == '"':
        plain = plain[1:-1]
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), plain, flags=re.DOTALL)


@lru_cache(maxsize=10_000)
def _compiled(pattern: str) -> Any:
    if len(pattern) > _LONGEST:
        raise MatcherError(f"a regular expression is longer than {_LONGEST:,} characters")
    try:
        return re2.compile(f"^(?:{pattern})$", _QUIET)
    except re2.error:
        raise MatcherError(f"{pattern[:60]!r} is not a regular expression") from None


def _fits(pattern: str, value: str) -> bool:
    return _compiled(pattern).search(value) is not None

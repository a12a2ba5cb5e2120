"""Reads a PromQL expression: the series that it is about, and the labels that its result can have.

Semantics: https://prometheus.io/docs/prometheus/latest/querying/operators/ (vector matching, aggregation) and .../functions/.
The right side of `and` and `unless` is a condition: the expression is about its left side.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import promql_parser as promql

MOST_CHARACTERS: Final = 8_000
MOST_STEPS: Final = 600
"""Characters that open a level of the tree; the parser's stack ends at some thousands of levels, and with it the process."""

_STEP: Final = re.compile(r"[-+*/%^(<>!]|==|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)
_NO_LABELS: Final = frozenset({"scalar", "time", "vector", "pi"})
_ABSENT: Final = frozenset({"absent", "absent_over_time"})
_SET: Final = frozenset({"and", "or", "unless"})
_COMPARED: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
_OPERATORS: Final = {"MatchOp.Equal": "=", "MatchOp.NotEqual": "!=", "MatchOp.Re": "=~", "MatchOp.NotRe": "!~"}
_WRAPPING: Final = frozenset({"ParenExpr", "SubqueryExpr", "UnaryExpr", "MatrixSelector"})
Labels = frozenset[str] | None
"""Labels that a result can have; None: any."""
_Result = tuple[Labels, dict[str, str]]


class UnreadableExpressionError(ValueError):
    """The expression is no PromQL that the parser knows, or too long."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """`label`, `operator` (=, !=, =~, !~) and `value` of a selector."""

    label: str
    operator: str
    value: str

    def __str__(self) -> str:
        value = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.label}{self.operator}"{value}"'


@dataclass(frozen=True, slots=True)
class SeriesSelector:
    """Series that an expression reads. `within`: the functions and aggregations around it, outermost first.

    `decides`: it is on a side that the expression is about; False for a condition. `numerator`: it is not what something is
    divided by or compared with.
    """

    metric: str
    matchers: tuple[Matcher, ...] = ()
    within: tuple[str, ...] = ()
    decides: bool = True
    numerator: bool = True

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.matchers))
        if re.fullmatch(r"[A-Za-z_:][A-Za-z0-9_:]*", self.metric):
            return f"{self.metric}{{{inner}}}" if inner else self.metric
        return f"{{{inner}}}"


@dataclass(frozen=True, slots=True)
class Expression:
    """What an expression reads. `labels`: those that its alerts can have; `fixed`: those whose value it fixes."""

    selectors: tuple[SeriesSelector, ...]
    labels: Labels = None
    fixed: dict[str, str] = field(default_factory=dict)


def read_expression(text: str) -> Expression:
    """Read an expression. Takes microseconds.

    Raises:
        UnreadableExpressionError: it cannot be read.
    """
    if len(text) > MOST_CHARACTERS or len(_STEP.findall(text)) > MOST_STEPS:
        raise UnreadableExpressionError(f"the expression is longer than {MOST_CHARACTERS:,} characters or too nested")
    try:
        tree = promql.parse(text)
        labels, fixed = _result(tree)
        return Expression(tuple(_selectors(tree, _Place())), labels, fixed)
    except (ValueError, RecursionError):
        raise UnreadableExpressionError("the expression is not PromQL that backstay can parse") from None


@dataclass(frozen=True, slots=True)
class _Place:
    within: tuple[str, ...] = ()
    decides: bool = True
    numerator: bool = True


def _selectors(tree: Any, place: _Place) -> Iterator[SeriesSelector]:
    match type(tree).__name__:
        case "VectorSelector":
            matchers = _matchers(tree)
            named = next((m.value for m in matchers if m.label == "__name__" and m.operator == "="), "")
            metric = tree.name or named
            others = tuple(m for m in matchers if m.label != "__name__" or (not metric))
            yield SeriesSelector(metric, others, place.within, place.decides, place.numerator)
        case "MatrixSelector":
            yield from _selectors(tree.vector_selector, place)
        case "Call":
            inner = replace(place, within=(*place.within, tree.func.name))
            for argument in tree.args:
                yield from _selectors(argument, inner)
        case "AggregateExpr":
            yield from _selectors(tree.expr, replace(place, within=(*place.within, str(tree.op))))
        case "BinaryExpr":
            yield from _sides(tree, place)
        case "ParenExpr" | "SubqueryExpr" | "UnaryExpr":
            yield from _selectors(tree.expr, place)


def _sides(tree: Any, place: _Place) -> Iterator[SeriesSelector]:
    operator = str(tree.op).lower()
    yield from _selectors(tree.lhs, place)
    if operator in ("and", "unless"):
        yield from _selectors(tree.rhs, replace(place, decides=False))
    elif operator == "or":
        yield from _selectors(tree.rhs, place)
    else:
        beside = operator == "/" or (operator in _COMPARED and not _is_number(tree.lhs))
        yield from _selectors(tree.rhs, replace(place, numerator=place.numerator and not beside))


def _is_number(tree: Any) -> bool:
    while type(tree).__name__ in ("ParenExpr", "UnaryExpr"):
        tree = tree.expr
    return type(tree).__name__ in ("NumberLiteral", "StringLiteral")


def _matchers(tree: Any) -> tuple[Matcher, ...]:
    """The matchers of a selector. Alternatives (`or` of VictoriaMetrics) prove nothing: only what all of them have is kept."""
    plain = [_matcher(found) for found in tree.matchers.matchers]
    several = [{_matcher(found) for found in group} for group in tree.matchers.or_matchers]
    shared = set.intersection(*several) if several else set()
    return tuple(dict.fromkeys((*plain, *sorted(shared, key=str))))


def _matcher(found: Any) -> Matcher:
    return Matcher(found.name, _OPERATORS[str(found.op)], found.value)


def _result(tree: Any) -> _Result:
    """The labels that the result of a tree can have, and those with a fixed value."""
    while (kind := type(tree).__name__) in _WRAPPING:
        tree = tree.vector_selector if kind == "MatrixSelector" else tree.expr
    if kind == "VectorSelector":
        given = [matcher for matcher in _matchers(tree) if matcher.operator == "=" and matcher.label != "__name__"]
        return None, {matcher.label: matcher.value for matcher in given if matcher.value}
    step = {"AggregateExpr": _aggregated, "Call": _called, "BinaryExpr": _combined}.get(kind)
    return step(tree) if step else (frozenset(), {})


def _aggregated(tree: Any) -> _Result:
    labels, fixed = _result(tree.expr)
    operator = str(tree.op).lower()
    if operator in ("topk", "bottomk", "limitk", "limit_ratio"):
        return labels, fixed
    extra = {_text(tree.param)} if operator == "count_values" and tree.param is not None else set()
    kept = set(tree.modifier.labels) if tree.modifier is not None else set()
    if tree.modifier is not None and tree.modifier.type == promql.AggModifierType.Without:
        remaining = None if labels is None else labels - kept | extra
        return remaining, {key: value for key, value in fixed.items() if key not in kept | extra}
    named = frozenset(kept if labels is None else kept & labels) | extra
    return named, {key: value for key, value in fixed.items() if key in named and key not in extra}


def _called(tree: Any) -> _Result:
    name = tree.func.name
    if name in _NO_LABELS:
        return frozenset(), {}
    parts = [_result(argument) for argument in tree.args if not _is_number(argument)]
    labels, fixed = parts[0] if parts else (frozenset(), {})
    if name in _ABSENT:
        return frozenset(fixed), fixed
    if name == "histogram_quantile":
        return labels if labels is None else labels - {"le"}, {k: v for k, v in fixed.items() if k != "le"}
    if name in ("label_replace", "label_join"):
        made = _text(tree.args[1])
        return labels if labels is None else labels | {made}, {k: v for k, v in fixed.items() if k != made}
    return labels, fixed


def _text(tree: Any) -> str:
    return str(getattr(tree, "val", ""))


def _combined(tree: Any) -> _Result:
    operator = str(tree.op).lower()
    left, right = _result(tree.lhs), _result(tree.rhs)
    if operator in ("and", "unless"):
        return left
    if operator == "or":
        same = {key: value for key, value in left[1].items() if right[1].get(key) == value}
        return (None if left[0] is None or right[0] is None else left[0] | right[0]), same
    if _is_scalar(tree.lhs):
        return right
    if _is_scalar(tree.rhs) or tree.modifier is None:
        return left
    return _matched(tree.modifier, left, right)


def _matched(modifier: Any, left: _Result, right: _Result) -> _Result:
    """The labels of a match of two vectors: those of the side with many; of one to one, those that are matched on."""
    if modifier.card != promql.VectorMatchCardinality.OneToOne:
        labels, fixed = left if modifier.card == promql.VectorMatchCardinality.ManyToOne else right
        copied = set(modifier.group_labels or ())
        return labels if labels is None else labels | copied, {k: v for k, v in fixed.items() if k not in copied}
    labels, fixed = left
    if modifier.matching is None:
        return left
    named = frozenset(modifier.matching.labels)
    if modifier.matching.type == promql.LabelModifierType.Include:
        return named, {k: v for k, v in fixed.items() if k in named}
    return labels if labels is None else labels - named, {k: v for k, v in fixed.items() if k not in named}


def _is_scalar(tree: Any) -> bool:
    if _is_number(tree):
        return True
    while type(tree).__name__ in ("ParenExpr", "UnaryExpr"):
        tree = tree.expr
    if type(tree).__name__ == "Call":
        return str(tree.func.name) in ("scalar", "time", "pi")
    return type(tree).__name__ == "BinaryExpr" and _is_scalar(tree.lhs) and _is_scalar(tree.rhs)

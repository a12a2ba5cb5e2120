"""What an alert rule measures and watches, with the recording rules that it uses written out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.audit.collectors.monitors.promql.alternatives import alternatives
from bot.audit.collectors.monitors.promql.expression import (
    Expression,
    SeriesSelector,
    UnreadableExpressionError,
    read_expression,
)
from bot.audit.collectors.monitors.signals import (
    ORDER,
    engine_of,
    is_time,
    main_signal,
    selects_failures,
    selects_status,
    signal_of_name,
    tells_nothing,
    words_of,
)
from checks import SignalKind

_DEEPEST = 5
_MOST_SELECTORS = 200
_CONDITIONS = ("condition", "phase", "type", "name", "resource", "reason")
_LIMITS = frozenset({"limit", "limits", "max", "maximum", "capacity", "quota"})
_TOLD = frozenset({SignalKind.ERRORS, SignalKind.LATENCY, SignalKind.SATURATION, SignalKind.AVAILABILITY})


@dataclass(frozen=True, slots=True)
class RuleMeaning:
    """What a rule is about. `signals`: the most telling first; `metrics` and `engines` by name.

    `expression` None: it could not be parsed, so that it watches nothing for certain. `selectors`: of the series that it is
    about, recording rules written out.
    """

    signals: tuple[SignalKind, ...]
    metrics: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    expression: Expression | None = None
    selectors: tuple[SeriesSelector, ...] = ()

    @property
    def signal(self) -> SignalKind:
        """The most telling signal."""
        return self.signals[0] if self.signals else SignalKind.OTHER

    def values(self, labels: Iterable[str]) -> list[tuple[str, str]]:
        """(label, value) of these labels as far as the selectors fix them; labels on which they disagree are left out.

        A matcher that lists its values (`service=~"checkout|login"`) fixes all of them.
        """
        found: list[tuple[str, str]] = []
        for label in labels:
            told = [
                values
                for selector in self.selectors
                if selector.decides and (values := _values_of(selector, label)) is not None
            ]
            if told and all(values == told[0] for values in told):
                found += [(label, value) for value in told[0]]
        return found


@dataclass(slots=True)
class Recorded:
    """The recording rules of a system, by the name that they record."""

    expressions: dict[str, list[Expression]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, text: str) -> None:
        """Keep a recording rule; one that cannot be parsed says nothing."""
        try:
            self.expressions[name].append(read_expression(text))
        except UnreadableExpressionError:
            return

    def written_out(self, selectors: Sequence[SeriesSelector], depth: int = 0) -> list[SeriesSelector]:
        """The selectors, and in place of a recorded series also what it is made of."""
        found: list[SeriesSelector] = []
        for selector in selectors[:_MOST_SELECTORS]:
            found.append(selector)
            for expression in self.expressions.get(selector.metric, ()) if depth < _DEEPEST else ():
                inner = [
                    replace(
                        part,
                        within=(*selector.within, *part.within),
                        decides=selector.decides and part.decides,
                        numerator=selector.numerator and part.numerator,
                    )
                    for part in expression.selectors
                ]
                found += self.written_out(inner, depth + 1)
        return found[:_MOST_SELECTORS]


def meaning_of(name: str, text: str, recorded: Recorded) -> RuleMeaning:
    """What a rule means. `name`: of the alert, which decides where its metrics do not tell.

    Takes some tens of microseconds.
    """
    try:
        expression = read_expression(text)
    except UnreadableExpressionError:
        return RuleMeaning((signal_of_name(name),))
    selectors = recorded.written_out(expression.selectors)
    about = [selector for selector in selectors if selector.decides]
    kinds = {kind for selector in about if selector.numerator for kind in (_signal_of(selector),)}
    if not kinds & {SignalKind.ERRORS, SignalKind.LATENCY} and any(map(_is_limit, about)):
        kinds = {SignalKind.SATURATION}
    if not kinds & _TOLD:
        kinds |= {_signal_of(selector) for selector in about}
    if not kinds & _TOLD and not all(tells_nothing(selector.metric) for selector in about):
        kinds |= {signal_of_name(name)}
    told = [kind for kind in ORDER if kind in kinds & _TOLD] or [main_signal(kinds)]
    metrics = tuple(dict.fromkeys(selector.metric for selector in expression.selectors if selector.metric))
    own = [selector.metric for selector in about if not tells_nothing(selector.metric)]
    engines = tuple(dict.fromkeys(engine for metric in own if (engine := engine_of(metric))))
    return RuleMeaning(tuple(told), metrics, engines, expression, tuple(about))


def _is_limit(selector: SeriesSelector) -> bool:
    """Whether something is divided by it, or compared with it, that it limits: `x / x_limit`."""
    return not selector.numerator and not _LIMITS.isdisjoint(words_of(selector.metric))


def _signal_of(selector: SeriesSelector) -> SignalKind:
    """What the series of a selector measure."""
    metric, within, matchers = selector.metric, set(selector.within), selector.matchers
    plain = signal_of_name(metric)
    quantile = "histogram_quantile" in within or any(matcher.label in ("quantile", "le") for matcher in matchers)
    if metric in ("up", "probe_success") or within & {"absent", "absent_over_time"}:
        plain = SignalKind.AVAILABILITY
    elif tells_nothing(metric):
        plain = SignalKind.OTHER
    elif any(
        selects_failures(matcher.label, matcher.operator, matcher.value)
        and (plain is not SignalKind.AVAILABILITY or selects_status(matcher.operator, matcher.value))
        for matcher in matchers
    ):
        plain = SignalKind.ERRORS
    elif quantile and is_time(metric) and plain is not SignalKind.ERRORS:
        plain = SignalKind.LATENCY
    elif metric.endswith("_count") and plain is SignalKind.LATENCY:
        plain = SignalKind.TRAFFIC  # how often, not how long
    labels = {SignalKind.AVAILABILITY: _CONDITIONS[:1], SignalKind.TRAFFIC: _CONDITIONS, SignalKind.OTHER: _CONDITIONS}
    told = _by_condition(selector, labels.get(plain, ()))
    return told if told in _TOLD else plain


def _by_condition(selector: SeriesSelector, labels: Sequence[str]) -> SignalKind:
    """What the value of a label that names a condition tells: `condition="MemoryPressure"`."""
    values = [matcher.value for matcher in selector.matchers if matcher.label in labels and matcher.operator[0] == "="]
    return signal_of_name(" ".join(values))


def _values_of(selector: SeriesSelector, label: str) -> tuple[str, ...] | None:
    """The values of a label that a selector keeps, None where it does not list them."""
    for matcher in selector.matchers:
        if matcher.label == label and matcher.value:
            if matcher.operator == "=":
                return (matcher.value,)
            if matcher.operator == "=~" and (listed := alternatives(matcher.value)):
                return listed
    return None

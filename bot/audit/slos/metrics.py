"""Finds the queries of an objective in OpenSLO objects, of either version, and the monitoring system that answers them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.slos.documents import Documents, OpenSloError, OpenSloObject
from bot.model.slos import Indicator

_QUERY_KEYS: Final = ("query", "expr", "promql", "expression")
_KINDS: Final = {
    "prometheus": "prometheus",
    "mimir": "prometheus",
    "thanos": "prometheus",
    "cortex": "prometheus",
    "victoriametrics": "prometheus",
    "amazonprometheus": "prometheus",
    "grafanacloud": "prometheus",
    "datadog": "datadog",
}
"""Kinds of metric sources, and the kind of monitoring system that answers them."""


@dataclass(frozen=True, slots=True)
class Metric:
    """An indicator with the kind of its source, and the source's name where it refers to one."""

    indicator: Indicator
    source: str
    reference: str


@dataclass(frozen=True, slots=True)
class _Query:
    text: str
    kind: str
    reference: str


def indicator_of(
    document: OpenSloObject, objective: Row, documents: Documents, length: timedelta | None, least: float | None
) -> Metric:
    """What an objective measures. `length`: of its time slices, None without; `least`: the ratio of a good slice.

    Raises:
        OpenSloError: it measures nothing that is understood.
    """
    spec = _sli(document, objective, documents)
    op = objective.text("op").lower()
    if spec.value("thresholdMetric") is not None:
        value, limit = _query(spec.row("thresholdMetric"), documents, "thresholdMetric"), objective.value("value")
        if op not in ("lte", "lt", "gte", "gt"):
            raise OpenSloError("has a thresholdMetric without op; write op: lte, lt, gte or gt")
        if isinstance(limit, bool) or not isinstance(limit, int | float):
            raise OpenSloError("has a thresholdMetric without value to compare with")
        return _metric([value], Indicator(value=value.text, op=op, limit=float(limit), slice=length))
    ratio = _ratio(spec, objective)
    if ratio.value("raw") is not None:
        raw, kind = _query(ratio.row("raw"), documents, "raw"), ratio.text("rawType").lower()
        if kind not in ("success", "failure"):
            raise OpenSloError("has a raw ratio without rawType; write rawType: success or failure")
        fails = kind == "failure"
        return _metric([raw], Indicator(raw=raw.text, raw_fails=fails, slice=length, slice_target=least))
    if ratio.value("total") is None or (ratio.value("good") is None) == (ratio.value("bad") is None):
        raise OpenSloError("has a ratio metric without total and one of good and bad")
    side = "good" if ratio.value("good") is not None else "bad"
    part, total = _query(ratio.row(side), documents, side), _query(ratio.row("total"), documents, "total")
    indicator = Indicator(
        good=part.text if side == "good" else "",
        bad=part.text if side == "bad" else "",
        total=total.text,
        cumulative=bool(ratio.flag("counter") or ratio.flag("incremental")),
        slice=length,
        slice_target=least,
    )
    return _metric([part, total], indicator)


def _sli(document: OpenSloObject, objective: Row, documents: Documents) -> Row:
    """The specification of the indicator: of the objective itself, else of the SLO, there or in an SLI object."""
    spec = document.body.row("spec")
    for row in (objective, spec):
        if row.value("indicatorRef") is not None:
            return documents.referred("SLI", row.text("indicatorRef")).row("spec")
        if row.value("indicator") is not None:
            inline = row.row("indicator")
            return inline.row("spec") if inline.value("spec") is not None else inline
    return spec


def _ratio(spec: Row, objective: Row) -> Row:
    for row in (objective, spec):
        for name in ("ratioMetrics", "ratioMetric"):
            if row.value(name) is not None:
                return row.row(name)
    raise OpenSloError("has neither a ratioMetric nor a thresholdMetric")


def _query(metric: Row, documents: Documents, name: str) -> _Query:
    source = metric.row("metricSource") if metric.value("metricSource") is not None else metric
    reference = source.text("metricSourceRef")
    kind = source.text("type") or (source.text("source") if source is metric else "")
    if reference and not kind and ("DataSource", reference) in documents.others:
        kind = documents.others["DataSource", reference].body.text("spec.type")
    place = source.row("spec") if source is not metric else metric
    found = next((text for key in _QUERY_KEYS if (text := _text(place, key))), "")
    if not found:
        raise OpenSloError(f"has no query in {name}")
    return _Query(found, _kind(kind), reference)


def _text(row: Row, key: str) -> str:
    found = row.value(key)
    if found is not None and not isinstance(found, str):
        raise OddFieldError(key, found, "a text")
    return (found or "").strip()


def _kind(written: str) -> str:
    plain = "".join(letter for letter in written.lower() if letter.isalnum())
    if not plain:
        return ""
    found = _KINDS.get(plain)
    if found is None:
        raise OpenSloError(f"has metrics of {written[:60]!r}; prometheus and datadog are read")
    return found


def _metric(queries: list[_Query], indicator: Indicator) -> Metric:
    kinds = {query.kind for query in queries if query.kind}
    references = {query.reference for query in queries if query.reference}
    if len(kinds) > 1 or len(references) > 1:
        raise OpenSloError("has metrics of two sources in one ratio")
    return Metric(indicator, next(iter(kinds), ""), next(iter(references), ""))

"""Makes objectives of OpenSLO objects: SLO and SLI, with ratio and threshold metrics, time windows and alert policies.

Source: https://github.com/OpenSLO/OpenSLO#slo (v1: objectives, SLI, AlertPolicy, AlertCondition, DataSource, durations) and the
package `v1alpha` of its SDK (timeWindows with unit and count, ratioMetrics of an objective, metrics with source and query).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.monitors.metric_words import signal_of_words
from bot.audit.slos.burn import SHORT_PART, declared_conditions
from bot.audit.slos.documents import Documents, OpenSloError, OpenSloObject
from bot.audit.slos.metrics import Metric, indicator_of
from bot.model.slos import BurnCondition, BurnLevel, Indicator, Slo
from checks import SignalKind

_DURATION: Final = re.compile(r"(\d{1,6})\s*([smhdwMQY])")
_UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "M": timedelta(days=30),
    "Q": timedelta(days=90),
    "Y": timedelta(days=365),
}
_UNIT_WORDS: Final = {
    "second": "s",
    "minute": "m",
    "hour": "h",
    "day": "d",
    "week": "w",
    "month": "M",
    "quarter": "Q",
    "year": "Y",
}
_MONTHS: Final = {"M": 1, "Q": 3, "Y": 12}
_SHORTEST, _LONGEST = timedelta(hours=2), timedelta(days=366)
_URGENT: Final = ("page", "crit", "sev1", "sev-1", "p1", "high", "fast", "urgent")


def slos_of(document: OpenSloObject, documents: Documents, service: str) -> list[Slo]:
    """The objectives of a SLO object as those of a service: one for each of its `objectives`.

    Raises:
        OpenSloError: it is not of the specified form, or refers to something that is not there.
    """
    try:
        return list(_slos(document, documents, service))
    except OddFieldError as error:
        raise OpenSloError(f"{document.file}: SLO {document.name}: {error}") from None
    except OpenSloError as error:
        raise OpenSloError(f"{document.file}: SLO {document.name} {error}") from None


def service_of(document: OpenSloObject) -> str:
    """The service that a SLO object names, empty where it names none."""
    try:
        return document.body.text("spec.service")
    except OddFieldError:
        return ""


def _slos(document: OpenSloObject, documents: Documents, service: str) -> Iterator[Slo]:
    row = document.body
    objectives = row.rows("spec.objectives")
    if not objectives:
        raise OpenSloError("has no objectives")
    period, begins, months = _period(row)
    conditions = declared_conditions(tuple(_conditions(row, documents)), period)
    title = row.text("metadata.displayName") or document.name
    for number, objective in enumerate(objectives, 1):
        metric = _metric(document, objective, documents)
        several = len(objectives) > 1
        own = objective.text("displayName") or f"objective {number}"
        yield Slo(
            service=service,
            name=f"{document.name}/{number}" if several else document.name,
            title=f"{title}: {own}" if several else title,
            target=_target(objective),
            period=period,
            measures=_measures(metric.indicator, f"{document.name} {title} {own}"),
            indicator=metric.indicator,
            source=metric.source,
            reference=metric.reference,
            begins=begins,
            months=months,
            conditions=conditions,
        )


def _metric(document: OpenSloObject, objective: Row, documents: Documents) -> Metric:
    method = document.body.text("spec.budgetingMethod", "Occurrences").lower()
    if method not in ("occurrences", "timeslices", "ratiotimeslices"):
        raise OpenSloError(f"has the unknown budgetingMethod {method[:40]!r}")
    length: timedelta | None = None
    if method != "occurrences":
        written = objective.text("timeSliceWindow") or "1m"
        length = timedelta(minutes=float(written)) if written.isdecimal() else duration(written)
        if not length:
            raise OpenSloError("has the timeSliceWindow 0")
    least = _number(objective, "timeSliceTarget") if method == "timeslices" else None
    # Without timeSliceTarget a slice counts by its ratio, as in RatioTimeslices: files of version 1alpha leave it out.
    return indicator_of(document, objective, documents, length, least)


def _measures(indicator: Indicator, names: str) -> SignalKind:
    """Latency by the words of names and queries; else ratios measure errors, and values what their names say."""
    words = f"{names} {' '.join(indicator.queries)}"
    said = signal_of_words(names)
    if said is SignalKind.LATENCY or re.search(
        r"_bucket|histogram_quantile|\ble=|latency|duration", words, re.IGNORECASE
    ):
        return SignalKind.LATENCY
    return signal_of_words(words) if indicator.value else SignalKind.ERRORS


def _target(objective: Row) -> float:
    target, percent = _number(objective, "target"), _number(objective, "targetPercent")
    if target is None:
        target = percent / 100 if percent is not None else _number(objective, "budgetTarget")
    if target is None:
        raise OpenSloError("has an objective without target; write target: 0.999 or targetPercent: 99.9")
    if not 0 < target < 1:
        raise OpenSloError(
            f"has the target {target:g}; it must be more than 0 and less than 1 (targetPercent: less than 100)"
        )
    return target


def _number(row: Row, path: str) -> float | None:
    found = row.value(path)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise OddFieldError(path, found, "a number")
    return float(found)


def duration(text: str) -> timedelta:
    """A duration-shorthand: `30d`, `4w`, `1M` (a month of 30 days), `1Q` (90 days), `1Y` (365 days); `5m` is five minutes.

    Raises:
        OpenSloError: it is none.
    """
    parts = _DURATION.fullmatch(text.strip())
    if parts is None:
        raise OpenSloError(f"has {text[:40]!r} in place of a duration such as 30d, 4w or 1M")
    return int(parts[1]) * _UNITS[parts[2]]


def _period(row: Row) -> tuple[timedelta, datetime | None, int]:
    """The length of the time window; of a calendar window when it begins (UTC), and how many months it has."""
    windows = row.rows("spec.timeWindow") or row.rows("spec.timeWindows")
    if not windows:
        raise OpenSloError("has no timeWindow; write timeWindow: [{duration: 30d, isRolling: true}]")
    window = windows[0]
    written = window.text("duration")
    if not written:
        unit = _UNIT_WORDS.get(window.text("unit").lower().removesuffix("s"), "")
        written = f"{window.number('count') or 1}{unit}"
    period = duration(written)
    if not _SHORTEST <= period <= _LONGEST:
        raise OpenSloError(f"has a time window of {written}; write 2h to 366d (1m is one minute, 1M one month)")
    start = window.text("calendar.startTime")
    if window.flag("isRolling") is not False or not start:
        return period, None, 0
    count, unit = written[:-1], written[-1]
    return period, _moment(start, window.text("calendar.timeZone")), int(count) * _MONTHS.get(unit, 0)


def _moment(written: str, zone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written.strip())
        return moment.replace(tzinfo=moment.tzinfo or (ZoneInfo(zone) if zone else UTC)).astimezone(UTC)
    except (ValueError, OSError, OverflowError):
        raise OpenSloError(
            f"has the calendar start {written[:40]!r} in zone {zone[:40]!r}, which is no moment"
        ) from None


def _conditions(row: Row, documents: Documents) -> Iterator[BurnCondition]:
    """The burn rate conditions of its alert policies. One that no listed file has is for other tools, and left out."""
    policies = row.value("spec.alertPolicies")
    for item in policies if isinstance(policies, list) else ():
        policy = Row({"alertPolicyRef": item}) if isinstance(item, str) else Row(item if isinstance(item, dict) else {})
        name = policy.text("alertPolicyRef")
        if name and ("AlertPolicy", name) not in documents.others:
            continue
        spec = documents.referred("AlertPolicy", name).row("spec") if name else policy.row("spec")
        if spec.flag("alertWhenBreaching") is False:
            continue
        for condition in spec.rows("conditions"):
            reference = condition.text("conditionRef")
            yield from _condition(
                documents.referred("AlertCondition", reference).row("spec") if reference else condition.row("spec")
            )


def _condition(spec: Row) -> Iterator[BurnCondition]:
    condition = spec.row("condition")
    factor = _number(condition, "threshold")
    if condition.text("kind", "burnrate").lower() != "burnrate" or not factor or factor <= 0:
        return
    long = duration(condition.text("lookbackWindow") or "1h")
    after = condition.text("alertAfter")
    short = duration(after) if after else timedelta()
    urgent = any(word in spec.text("severity").lower() for word in _URGENT)
    yield BurnCondition(
        long, min(short or long / SHORT_PART, long), factor, BurnLevel.FAST if urgent else BurnLevel.SLOW
    )

"""The parts of Datadog's answers that are read. Unknown members are ignored; an odd one costs its own object only.

Source: https://docs.datadoghq.com/api/latest/ (monitors, downtimes v1 and v2, service level objectives, monitor notification
rules) and recordings of that API (DataDog/datadog-api-client-python, tests/v1 and tests/v2 cassettes).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _moment(value: object) -> object:
    """Seconds or milliseconds since 1970, or ISO 8601; None where there is none."""
    if value in (None, "", 0):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if value > 100_000_000_000 else value
        return datetime.fromtimestamp(seconds, UTC)
    return value


def _texts(value: object) -> object:
    return [] if value is None else [value] if isinstance(value, str) else value


def _nothing(value: object) -> object:
    return {} if value is None else value


def _utc(value: datetime | None) -> datetime | None:
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class GroupState(_Payload):
    """The state of one group of a monitor."""

    status: Text = ""
    last_triggered_ts: Moment = None
    last_nodata_ts: Moment = None
    last_notified_ts: Moment = None


class MonitorState(_Payload):
    """The states by group, with `group_states=all`."""

    groups: Annotated[Mapping[str, GroupState], BeforeValidator(_nothing)] = {}


class MatchingDowntime(_Payload):
    """A downtime that mutes a monitor now or later, with `with_downtimes=true`."""

    id: int | str = ""
    scope: Texts = ()
    start: Moment = None
    end: Moment = None


class MonitorPayload(_Payload):
    """A monitor as the API lists it."""

    id: int
    type: Text = ""
    name: Text = ""
    message: Text = ""
    query: Text = ""
    tags: Texts = ()
    options: Annotated[Mapping[str, Any], BeforeValidator(_nothing)] = {}
    priority: int | None = None
    multi: bool | None = None
    draft_status: Text = ""
    overall_state: Text = ""
    overall_state_modified: Moment = None
    created: Moment = None
    deleted: Moment = None
    state: Annotated[MonitorState, BeforeValidator(_nothing)] = MonitorState()
    matching_downtimes: Annotated[tuple[MatchingDowntime, ...], BeforeValidator(_texts)] = ()


class Recurrence(_Payload):
    """One rule by which a downtime comes again: version 2 has `rrule` and `duration`, version 1 `type` and `period`."""

    rrule: Text = ""
    duration: Text = ""
    start: Text = ""
    type: Text = ""
    period: int | None = None
    week_days: Texts = ()
    until_date: Moment = None
    until_occurrences: int | None = None


class DowntimeSpan(_Payload):
    """From when until when; without an end until somebody cancels it."""

    start: Moment = None
    end: Moment = None


class DowntimeSchedule(_Payload):
    """When a downtime of version 2 applies."""

    start: Moment = None
    end: Moment = None
    current_downtime: Annotated[DowntimeSpan | None, BeforeValidator(lambda value: value or None)] = None
    recurrences: Annotated[tuple[Recurrence, ...], BeforeValidator(_texts)] = ()


class MonitorIdentifier(_Payload):
    """Which monitors a downtime of version 2 mutes: one by its id, or those that have all the tags."""

    monitor_id: int | None = None
    monitor_tags: Texts = ()


class DowntimeAttributes(_Payload):
    """A downtime of version 2."""

    scope: Text = ""
    status: Text = ""
    message: Text = ""
    canceled: Moment = None
    monitor_identifier: Annotated[MonitorIdentifier, BeforeValidator(_nothing)] = MonitorIdentifier()
    schedule: Annotated[DowntimeSchedule, BeforeValidator(_nothing)] = DowntimeSchedule()


class DowntimePayload(_Payload):
    """A downtime as version 2 of the API lists it."""

    id: str
    attributes: DowntimeAttributes


class OldDowntimePayload(_Payload):
    """A downtime as version 1 of the API lists it."""

    id: int
    monitor_id: int | None = None
    monitor_tags: Texts = ()
    scope: Texts = ()
    start: Moment = None
    end: Moment = None
    canceled: Moment = None
    disabled: bool | None = None
    active: bool | None = None
    status: Text = ""
    recurrence: Annotated[Recurrence | None, BeforeValidator(lambda value: value or None)] = None


class SloQuery(_Payload):
    """Good and all events of a metric objective."""

    numerator: Text = ""
    denominator: Text = ""


class SloThreshold(_Payload):
    """The target (percent) within a timeframe (`7d`, `30d`, `90d`)."""

    timeframe: Text = ""
    target: float | None = None


class SloPayload(_Payload):
    """A service level objective as the API lists it. `sli_specification` is of time slices."""

    id: str
    name: Text = ""
    type: Text = ""
    tags: Texts = ()
    monitor_tags: Texts = ()
    monitor_ids: Annotated[tuple[int, ...], BeforeValidator(_texts)] = ()
    query: Annotated[SloQuery, BeforeValidator(_nothing)] = SloQuery()
    thresholds: Annotated[tuple[SloThreshold, ...], BeforeValidator(_texts)] = ()
    sli_specification: Annotated[Mapping[str, Any], BeforeValidator(_nothing)] = {}


class RuleFilter(_Payload):
    """Which monitors a notification rule applies to: tags that all must be there, or a tag query."""

    tags: Texts = ()
    scope: Text = ""


class ConditionalRecipient(_Payload):
    """Recipients of some alerts only."""

    scope: Text = ""
    recipients: Texts = ()


class ConditionalRecipients(_Payload):
    """Recipients by condition, and those where none of the conditions holds."""

    conditions: Annotated[tuple[ConditionalRecipient, ...], BeforeValidator(_texts)] = ()
    fallback_recipients: Texts = ()


class RuleAttributes(_Payload):
    """A notification rule: whom the monitors notify to which it applies."""

    name: Text = ""
    recipients: Texts = ()
    filter: Annotated[RuleFilter, BeforeValidator(_nothing)] = RuleFilter()
    conditional_recipients: Annotated[ConditionalRecipients, BeforeValidator(_nothing)] = ConditionalRecipients()


class RulePayload(_Payload):
    """A notification rule as the API lists it."""

    id: str
    attributes: RuleAttributes


def utc(moment: datetime | None) -> datetime | None:
    """The moment in UTC; Datadog writes some without a zone, which are UTC."""
    return _utc(moment)

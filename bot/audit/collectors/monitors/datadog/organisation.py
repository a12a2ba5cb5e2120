"""What the monitors of an organisation of Datadog are judged by."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.audit.collectors.monitors.datadog.downtimes import Downtime
from bot.audit.collectors.monitors.datadog.payloads import GroupState, MonitorPayload, RulePayload
from bot.audit.collectors.monitors.datadog.queries import MonitorQuery, parse_or_all, read_query
from bot.audit.collectors.monitors.datadog.slos import DatadogSlo
from bot.audit.collectors.monitors.datadog.tag_queries import Query, tags_of


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """What monitors are judged by. `unread_*`: why a list could not be read, empty where it was read.

    `people`: handles, without `@`, that reach a person although that cannot be seen. `service_tags`: keys whose value
    may be the name of a service. `runs_on`: the clouds that each SaaS
    runs on, by its name.
    """

    monitors: Mapping[int, MonitorPayload]
    downtimes: Sequence[Downtime] = ()
    slos: Mapping[str, DatadogSlo] = field(default_factory=dict)
    rules: Sequence[RulePayload] = ()
    unread_downtimes: str = ""
    unread_slos: str = ""
    unread_rules: str = ""
    people: frozenset[str] = frozenset()
    service_tags: frozenset[str] = frozenset(("service",))
    runs_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def composites(self) -> Mapping[int, Sequence[MonitorPayload]]:
        """The composite monitors that a monitor makes alert by itself, by its id."""
        found: dict[int, list[MonitorPayload]] = defaultdict(list)
        for payload in self.monitors.values():
            if payload.type == "composite":
                for part in read_query(payload.type, payload.query, payload.options).alone:
                    found[part].append(payload)
        return found

    @cached_property
    def parsed_rules(self) -> Sequence[tuple[RulePayload, Sequence[Query]]]:
        """The notification rules, each with the tag queries that all have to hold for a monitor."""
        return [
            (
                rule,
                [parse_or_all(text) for text in (*rule.attributes.filter.tags, rule.attributes.filter.scope) if text],
            )
            for rule in self.rules
        ]

    @cached_property
    def _by_monitor(self) -> Mapping[int | None, Sequence[Downtime]]:
        found: dict[int | None, list[Downtime]] = defaultdict(list)
        for entry in self.downtimes:
            if not entry.cancelled:
                found[entry.monitor].append(entry)
        return found

    def downtimes_of(self, monitor: int) -> Sequence[Downtime]:
        """The downtimes that may be for a monitor: those that name it, and those that name none."""
        return (*self._by_monitor.get(monitor, ()), *self._by_monitor.get(None, ()))


@dataclass(frozen=True, slots=True)
class WatchedMonitor:
    """A monitor with what its query says. `tags`: its own, `watched`: those that its query asks for."""

    payload: MonitorPayload
    query: MonitorQuery
    tags: Mapping[str, frozenset[str]]
    watched: Mapping[str, frozenset[str]]

    @property
    def groups(self) -> Mapping[str, GroupState]:
        """Its groups with tags; a monitor without groups has the single group `*`."""
        return {name: state for name, state in self.payload.state.groups.items() if ":" in name}


def watched_monitor(payload: MonitorPayload) -> WatchedMonitor:
    """The monitor of a payload."""
    query = read_query(payload.type, payload.query, payload.options)
    return WatchedMonitor(payload, query, tags_of(payload.tags), query.watched())

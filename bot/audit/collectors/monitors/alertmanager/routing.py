"""Decides whom an alert reaches: routes, receivers, intervals, silences and inhibitions together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.audit.collectors.monitors.alertmanager.contacts import Receiver
from bot.audit.collectors.monitors.alertmanager.intervals import TimeInterval, quiet_hours
from bot.audit.collectors.monitors.alertmanager.matchers import LabelMatcher, all_hold
from bot.audit.collectors.monitors.alertmanager.routes import (
    AlertRoute,
    Outcome,
    TooManyOutcomesError,
    routes_that_take,
)
from bot.audit.collectors.monitors.source import LabelSet, Ways
from checks import Maybe, Unread

_WEEK = 168.0


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence that is active now."""

    matchers: tuple[LabelMatcher, ...]
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Inhibition:
    """Alerts that match `target` are held back while one that matches `source` fires, where `equal` labels are the same."""

    source: tuple[LabelMatcher, ...]
    target: tuple[LabelMatcher, ...]
    equal: tuple[str, ...] = ()


@dataclass(slots=True)
class RouteTree:
    """Implements `Routing` for one tree. `silences`: `Unread` where they could not be read.

    `runs_on`: where the system runs that decides by it, empty where that is the system that evaluates the alerts.
    """

    root: AlertRoute
    receivers: Mapping[str, Receiver]
    intervals: Mapping[str, tuple[TimeInterval, ...]]
    silences: Maybe[Sequence[Silence]]
    inhibitions: Sequence[Inhibition]
    now: datetime
    runs_on: Maybe[tuple[str, ...]] = ()
    _quiet: dict[int, float] = field(default_factory=dict)

    @property
    def labels(self) -> frozenset[str]:
        """Every label that a route, a silence, an inhibition or an address depends on."""
        named = {matcher.name for route in self.root.every() for matcher in route.matchers}
        if not isinstance(self.silences, Unread):
            named |= {matcher.name for silence in self.silences for matcher in silence.matchers}
        named |= {matcher.name for inhibition in self.inhibitions for matcher in inhibition.target}
        named |= {label for receiver in self.receivers.values() for way in receiver.contacts for label in way.labels}
        return frozenset(named)

    def ways(self, labels: LabelSet, possible: frozenset[str] | None) -> Ways:
        """Whom an alert with these labels reaches."""
        try:
            outcomes = routes_that_take(self.root, labels, possible)
        except TooManyOutcomesError:
            outcomes = []
        if not outcomes:
            unread = Unread("its receiver depends on labels that are not known")
            return Ways(unread, reaches_someone=unread)
        muted, since, until = self._silenced(labels, possible)
        names = [tuple(dict.fromkeys(route.receiver for route in outcome)) for outcome in outcomes]
        receivers: Maybe[tuple[str, ...]] = _texts(self.receivers, names[0])
        if any(name != names[0] for name in names):
            receivers = Unread(f"its receiver depends on labels that are not known: {self._deciding(labels, possible)}")
        told = () if isinstance(receivers, Unread) else self._contacts(names[0])
        reaches = _agreed([self._reaches(outcome, labels) for outcome in outcomes])
        return Ways(
            receivers,
            tuple(places for _, places in told),
            reaches,
            muted,
            since,
            until,
            max(self._quiet_hours(outcome) for outcome in outcomes),
            self._inhibited(labels, possible),
            self.runs_on,
        )

    def _deciding(self, labels: LabelSet, possible: frozenset[str] | None) -> str:
        named = {matcher.name for route in self.root.every() for matcher in route.matchers}
        return ", ".join(sorted(name for name in named - labels.keys() if possible is None or name in possible)[:3])

    def _contacts(self, names: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
        return [(way.text, way.runs_on) for name in names for way in self._receiver(name).contacts]

    def _receiver(self, name: str) -> Receiver:
        return self.receivers.get(name) or Receiver(name)

    def _reaches(self, outcome: Outcome, labels: LabelSet) -> Maybe[bool]:
        """Whether one of these routes reaches a person at some time of the week."""
        answers = [
            self._receiver(route.receiver).reaches_with(labels)
            for route in outcome
            if self._quiet_hours((route,)) < _WEEK
        ]
        if True in answers:
            return True
        return next((answer for answer in answers if isinstance(answer, Unread)), False)

    def _quiet_hours(self, outcome: Outcome) -> float:
        """Hours of a week in which none of these routes notifies a person, by the least quiet of them."""
        hours = []
        for route in outcome:
            if id(route) not in self._quiet:
                self._quiet[id(route)] = quiet_hours(
                    self._named(route.muted_in), self._named(route.active_in), self.now
                )
            if self._receiver(route.receiver).contacts:
                hours.append(self._quiet[id(route)])
        return min(hours, default=0.0)

    def _named(self, names: Sequence[str]) -> list[TimeInterval]:
        return [interval for name in names for interval in self.intervals.get(name, ())]

    def _silenced(
        self, labels: LabelSet, possible: frozenset[str] | None
    ) -> tuple[Maybe[bool], datetime | None, datetime | None]:
        if isinstance(self.silences, Unread):
            return self.silences, None, None
        doubt: Silence | None = None
        found: Silence | None = None
        for silence in self.silences:
            holds = all_hold(silence.matchers, labels, possible)
            if holds and (found is None or _end(silence) > _end(found)):
                found = silence
            elif holds is None:
                doubt = silence
        if found is not None:
            return True, found.since, found.until
        if doubt is not None:
            return Unread(f"a silence on {', '.join(map(str, doubt.matchers[:3]))} may cover it"), None, None
        return False, None, None

    def _inhibited(self, labels: LabelSet, possible: frozenset[str] | None) -> str:
        """What holds this alert back while it fires, in words; empty for nothing."""
        for inhibition in self.inhibitions:
            same = [label for label in inhibition.equal if label in labels]
            itself = all_hold(inhibition.source, labels, possible) and len(same) == len(inhibition.equal)
            if all_hold(inhibition.target, labels, possible) and not itself:
                return f"alerts with {', '.join(map(str, inhibition.source[:3]))}"
        return ""


def _texts(receivers: Mapping[str, Receiver], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(way.text for name in names if name in receivers for way in receivers[name].contacts)


def _end(silence: Silence) -> float:
    return silence.until.timestamp() if silence.until else float("inf")


def _agreed(answers: Sequence[Maybe[bool]]) -> Maybe[bool]:
    """What all outcomes have in common; where they differ, it is not known."""
    if all(answer == answers[0] for answer in answers):
        return answers[0]
    told = next((answer for answer in answers if isinstance(answer, Unread)), None)
    if told is not None and True not in answers:
        return told
    return Unread("whether it reaches a person depends on labels that are not known")

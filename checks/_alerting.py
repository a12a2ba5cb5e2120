"""When an alarm counts: it is on, it can fire, it is not muted for long, and it notifies someone; and the places of its way."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from checks._facts import (
    Alarm,
    AlarmState,
    Datastore,
    NotKnownError,
    Unread,
    known,
)
from checks._model import Scope
from checks._nouns import subject
from checks._places import Place, as_far_as_read

MUTED_AT_MOST = timedelta(days=7)
"""A mute that is longer, or has no end, is no maintenance: a release, a migration and a holiday end before."""

_CANNOT_FIRE = (AlarmState.ERROR, AlarmState.NO_DATA)
_ENGINES = {
    "postgres": ("postgres", "alloydb"),
    "mysql": ("mysql", "mariadb"),
    "redis": ("redis", "valkey", "elasticache", "memorydb"),
    "mongodb": ("mongo", "docdb"),
    "elasticsearch": ("elasticsearch", "opensearch"),
    "sqlserver": ("sqlserver", "mssql", "sql server"),
    "rds": ("rds", "aurora"),
}


def cannot_fire(alarm: Alarm) -> bool:
    """Whether its evaluation is known to fail or to have no data. Where its state is not read, it can."""
    return not isinstance(alarm.state, Unread) and alarm.state in _CANNOT_FIRE


def muted_for_long(alarm: Alarm) -> bool:
    """Whether it had been muted, or was to stay muted, for longer than a maintenance when it was read.

    Raises:
        NotKnownError: whether it is muted could not be read.
    """
    if isinstance(alarm.muted, Unread) and not alarm.monitor:
        return False  # stored before mutes were read
    if not known(alarm.muted):
        return False
    since, until, now = alarm.muted_since, alarm.muted_until, alarm.observed_at
    return until is None or until - now > MUTED_AT_MOST or (since is not None and now - since > MUTED_AT_MOST)


def notifies(alarm: Alarm) -> bool:
    """Whether it is on, can fire, is not muted for long, and has a receiver that notifies someone.

    Raises:
        NotKnownError: one of these could not be read, and none of the others is known to be false.
    """
    if alarm.enabled is False or cannot_fire(alarm) or alarm.reaches_someone is False:
        return False
    if not isinstance(alarm.muted, Unread) and muted_for_long(alarm):
        return False
    return known(alarm.enabled) and known(alarm.reaches_someone) and not muted_for_long(alarm)


def first_notifying(alarms: Iterable[Alarm]) -> Alarm | None:
    """The first alarm that notifies someone, None where there is none.

    Raises:
        NotKnownError: none was found, and whom some of them notify could not be read.
    """
    doubt: NotKnownError | None = None
    try:
        for alarm in alarms:
            try:
                if notifies(alarm):
                    return alarm
            except NotKnownError as reason:
                doubt = doubt or reason
    except NotKnownError as reason:  # more of them could not be read
        doubt = reason
    if doubt is not None:
        raise doubt
    return None


def but_broken(alarms: Iterable[Alarm]) -> str:
    """Of alarms none of which notifies: the first that would if it worked, as the end of a sentence; empty where there is none."""
    read, _ = as_far_as_read(alarms)
    for alarm in read:
        if alarm.reaches_someone is True and cannot_fire(alarm):
            return f"; {subject(alarm)} {'has no data' if alarm.state is AlarmState.NO_DATA else 'cannot be evaluated'}"
        if alarm.reaches_someone is True and alarm.muted is True and muted_for_long(alarm):
            return f"; {subject(alarm)} is muted"
    return ""


def watches_store(alarm: Alarm, store: Datastore, stores: Sequence[Datastore]) -> bool:
    """Whether an alarm of the service watches this datastore: by name, or because it is the only one of its engine."""
    if store.resource in alarm.about:
        return True
    if not alarm.engines or any(other.resource in alarm.about for other in stores):
        return False
    same = [other for other in stores if other.primary and _of_engine(other, alarm.engines)]
    return len(same) == 1 and same[0].resource == store.resource


def _of_engine(store: Datastore, engines: Iterable[str]) -> bool:
    told = f"{store.engine} {store.product}".lower()
    return any(word in told for engine in engines for word in _ENGINES.get(engine, (engine,)))


def evaluated_in(alarm: Alarm) -> set[Place]:
    """The (provider, region) pairs where it is evaluated; a region that is not known is empty.

    Raises:
        NotKnownError: the monitoring system does not say where it runs.
    """
    if not alarm.monitor:
        return {(alarm.provider, alarm.region)}
    if not alarm.monitor_runs_on:
        raise NotKnownError(f"where {alarm.monitor} runs is not known; set `runs_on:` of that monitor in backstay.yaml")
    return {_place(scope) for scope in alarm.monitor_runs_on}


def places_watching(alarms: Iterable[Alarm]) -> tuple[set[Place], NotKnownError | None]:
    """The places with an alarm that notifies someone, and why there may be more of them."""
    read, doubt = as_far_as_read(alarms)
    found: set[Place] = set()
    unread: NotKnownError | None = None
    for alarm in read:
        try:
            if notifies(alarm):
                found |= evaluated_in(alarm)
        except NotKnownError as reason:
            unread = unread or reason
    return found, doubt or unread


def lost_with(place: Place, at: Place) -> bool:
    """Whether something at `at` may be lost with `place`: it is in the same region, or in the same cloud, and its region is not known."""
    if place[0] != at[0]:
        return False
    return at[1] in ("", place[1])


def survives(alarm: Alarm, place: Place) -> bool:
    """Whether its way, from evaluation to one receiver, holds when a place is lost.

    Raises:
        NotKnownError: where a part of the way runs is not known.
    """
    if any(lost_with(place, at) for at in evaluated_in(alarm)):
        return False
    if any(lost_with(place, _place(scope)) for scope in known(alarm.route_runs_on)):
        return False
    if not alarm.monitor:
        return True  # its topic is where it is
    receivers = known(alarm.receivers)
    told = [[_place(scope) for scope in scopes] for scopes in alarm.receivers_run_on]
    if any(where and not any(lost_with(place, at) for at in where) for where in told):
        return True
    unknown = [name for name, where in zip(receivers, told, strict=False) if not where]
    if unknown:
        raise NotKnownError(f"the cloud that {unknown[0]} runs on is not known")
    return False


def _place(text: str) -> Place:
    scope = Scope.parse(text)
    return scope.provider, scope.region

"""What is wanted of a run, as checks that return what was missed."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from support.harness.replay_run import Told, Watched

from bot.model.incidents import Incident, OutageState

Goal = Callable[[Watched], list[str]]
ALERTS = ("opened", "worse", "wave")


def alerts(watched: Watched, *, ours: bool = False) -> list[Told]:
    """New messages that something is wrong: with a provider, or with our own network."""
    return [told for told in watched.told if told.why in ALERTS and told.incident.ours is ours]


def first_alert(watched: Watched) -> Told | None:
    """The first message about a provider after the onset."""
    return next((told for told in alerts(watched) if told.at >= watched.scene.onset), None)


def all_of(*goals: Goal) -> Goal:
    """Every one of these."""
    return lambda watched: [missed for goal in goals for missed in goal(watched)]


def within(limit: timedelta, *states: OutageState) -> Goal:
    """Told at most so long after the onset, not before it, and as one of these states."""

    def missed(watched: Watched) -> list[str]:
        early = [told for told in alerts(watched) if told.at < watched.scene.onset]
        told = first_alert(watched)
        if early:
            return ["told before anything happened"]
        if told is None:
            return ["not told"]
        late = ["too late"] if told.at - watched.scene.onset > limit else []
        wrong = [f"told as {told.incident.outage}"] if states and told.incident.outage not in states else []
        return late + wrong

    return missed


def told_in_time(page_at: datetime | None) -> Goal:
    """Told within 3 minutes of the first outside symptom, or before the page."""

    def missed(watched: Watched) -> list[str]:
        told = first_alert(watched)
        if told is None:
            return ["not told"]
        quick = told.at - watched.scene.onset <= timedelta(minutes=3)
        return [] if quick or (page_at is not None and told.at < page_at) or _silent(page_at) else ["not in time"]

    return missed


def _silent(page_at: datetime | None) -> bool:
    """A page that never speaks is always behind."""
    return page_at is None


def never(*states: OutageState) -> Goal:
    """No message tells a provider as one of these states."""

    def missed(watched: Watched) -> list[str]:
        return [f"told as {told.incident.outage}" for told in alerts(watched) if told.incident.outage in states][:1]

    return missed


def blames_nobody(watched: Watched) -> list[str]:
    """No message about a provider."""
    blamed = sorted({str(told.incident.scopes[0]) for told in alerts(watched) if told.incident.scopes})
    return [f"blamed {', '.join(blamed)}"] if blamed else []


def blames_only(*providers: str) -> Goal:
    """No message about any other provider, alone or in company."""

    def missed(watched: Watched) -> list[str]:
        named = {scope.provider for told in alerts(watched) for scope in told.incident.scopes}
        others = sorted(named - set(providers))
        return [f"blamed {', '.join(others)}"] if others else []

    return missed


def tells_own(*parts: str, limit: timedelta | None = None) -> Goal:
    """Our own trouble is told as ours, once, with the part named (one of these, where any are given)."""

    def missed(watched: Watched) -> list[str]:
        own = alerts(watched, ours=True)
        if not own:
            known = [incident for incident in watched.incidents if incident.ours]
            return [] if known and not limit else ["own trouble not told"]
        named = {told.incident.own_part for told in own}
        wrong = [f"own part {', '.join(sorted(named))}"] if parts and not named & set(parts) else []
        often = ["own trouble told more than once"] if len({told.incident.id for told in own}) > 1 else []
        late = ["own trouble told late"] if limit and own[0].at - watched.scene.onset > limit else []
        return wrong + often + late

    return missed


def at_most(number: int, per: timedelta | None = None) -> Goal:
    """So many new messages of any kind to one audience, in all or in any span of time."""

    def missed(watched: Watched) -> list[str]:
        for audience in {told.audience for told in watched.told}:
            times = [told.at for told in watched.told if told.audience == audience]
            most = max((_within(times, at, per) for at in times), default=0)
            if most > number:
                return [f"{most} messages" + (f" in {per.total_seconds() / 3600:g} h" if per else "")]
        return []

    return missed


def _within(times: Iterable[datetime], begins: datetime, per: timedelta | None) -> int:
    return sum(begins <= at and (per is None or at - begins < per) for at in times)


def quiet(watched: Watched) -> list[str]:
    """No message at all."""
    return [f"told: {watched.told[0].title}"] if watched.told else []


def not_over_before(moment: datetime) -> Goal:
    """No incident of a provider counts as over earlier."""

    def missed(watched: Watched) -> list[str]:
        early = [
            incident
            for incident in watched.incidents
            if incident.resolved_at and incident.resolved_at < moment and not incident.part_of
        ]
        return ["over too early"] if early else []

    return missed


def over_by(moment: datetime) -> Goal:
    """Every incident is over by then."""

    def missed(watched: Watched) -> list[str]:
        still = [
            incident for incident in watched.incidents if incident.resolved_at is None or incident.resolved_at > moment
        ]
        return ["not over"] if still or not watched.incidents else []

    return missed


def ends(number: int) -> Goal:
    """So many messages that it is over."""

    def missed(watched: Watched) -> list[str]:
        found = sum(told.why == "resolved" for told in watched.told)
        return [] if found == number else [f"{found} ends"]

    return missed


def some_incident(holds: Callable[[Incident], bool], what: str) -> Goal:
    """There is an incident of which this holds."""

    def missed(watched: Watched) -> list[str]:
        return [] if any(holds(incident) for incident in watched.incidents) else [what]

    return missed

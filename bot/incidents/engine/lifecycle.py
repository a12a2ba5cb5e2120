"""Moves one incident through its phases: suspected, confirmed, monitoring, resolved. Quick to reopen, slow to resolve."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.catalogue.product_names import provider_name
from bot.incidents.engine.outage import recovered_at, with_outage
from bot.incidents.engine.quorum import ScopeHealth
from bot.incidents.engine.statement import SCALE
from bot.incidents.engine.target_health import Level
from bot.model.incidents import Incident, OutageState, Phase, ProviderStatement, TimelineEntry
from bot.model.thresholds import Thresholds
from checks import Scope

_EVIDENCE_SHOWN = 12
_TIMELINE, _BEGINNING = 300, 50


@dataclass(frozen=True, slots=True)
class CombinedHealth:
    """The health of all scopes of an incident together.

    `reported`: other monitoring reports on it. `statement_open`: a provider says that its incident is open; `fixed`: all that say
    so say that they watch a fix. `despite`: our own observations are good in spite of that, and outweigh it.
    """

    level: Level
    observed: Level
    well: bool
    watched: bool
    reported: bool
    statement_open: bool
    fixed: bool
    despite: bool = False

    @classmethod
    def of(cls, healths: Sequence[ScopeHealth], statements: Iterable[ProviderStatement]) -> "CombinedHealth":
        """Well only where everything is that we watch or that a webhook has reported."""
        known = [health for health in healths if health.watched or health.reported]
        still = [statement for statement in statements if statement.open]
        return cls(
            level=max((health.level for health in healths), default=Level.NONE),
            observed=max((health.observed for health in healths), default=Level.NONE),
            well=bool(known) and all(health.well for health in known),
            watched=any(health.watched for health in known),
            reported=any(health.reported for health in known),
            statement_open=bool(still),
            fixed=bool(still) and all(item.fixed for statement in still for item in statement.open_items),
        )

    @property
    def fails(self) -> bool:
        """Whether anything is seen or reported to fail; a single failed round while all else is good is not."""
        return self.level is not Level.NONE and not (self.level is Level.SUSPECTED and self.well)

    def outweighed(self, incident: Incident) -> "CombinedHealth":
        """The health without the provider's statement, where our own observations outweigh it.

        They do once we had seen the failure ourselves and see it no more, or where the provider only watches a fix.
        """
        seen = incident.outage is not OutageState.REPORTED
        if not (self.statement_open and self.well and self.observed is not Level.CONFIRMED and (seen or self.fixed)):
            return self
        return replace(self, level=self.observed, despite=True)


def advance(
    incident: Incident,
    health_by_scope: Mapping[Scope, ScopeHealth],
    now: datetime,
    policy: Thresholds,
    *,
    pause: timedelta = timedelta(0),
) -> Incident | None:
    """The incident one step later (`now` in UTC); None: the suspicion was not confirmed.

    `pause`: how long nobody watched before this step. It does not count as good.
    """
    known = {scope: health_by_scope[scope] for scope in incident.scopes if scope in health_by_scope}
    healths = list(known.values())
    statements = _statements(incident.words, healths, now)
    before, incident = incident, with_outage(incident, known, now, policy)
    health = CombinedHealth.of(healths, statements).outweighed(incident)
    if incident.watched and now - incident.updated_at < policy.word_lasts:
        health = replace(health, watched=True)  # an observer that fell silent has not reported that it is well
    if health.level is Level.NONE and incident.phase is Phase.SUSPECTED:
        return None
    if not incident.open and (health.level is not Level.CONFIRMED or now - (incident.ended_at or now) > policy.reopen):
        return before
    if pause:
        incident = replace(incident, unwatched=incident.unwatched + pause, calm_since=None)
    recovered = recovered_at(healths)
    # A first good round long ago proves nothing of the time since then: nobody may have watched.
    lately = recovered is not None and now - recovered <= policy.fresh
    quiet = max(min(recovered, now), incident.onset_at) if recovered and lately else now
    moved = _moved(replace(incident, words=statements), health, now, policy, quiet=quiet)
    evidence = tuple(dict.fromkeys(text for health in healths for text in health.evidence))
    onset = min([health.since for health in healths if health.since] + [moved.onset_at])
    return replace(
        moved,
        watched=incident.watched or health.watched,
        evidence=evidence[:_EVIDENCE_SHOWN] or incident.evidence,
        onset_at=onset if incident.phase is Phase.SUSPECTED else moved.onset_at,
        updated_at=now if health.fails else moved.updated_at,
        timeline=_bounded((*moved.timeline, *_statement_entries(incident.words, statements, now))),
    )


def _bounded(timeline: tuple[TimelineEntry, ...]) -> tuple[TimelineEntry, ...]:
    """The beginning and the newest entries: a status page that changes every minute for days must not fill the ledger."""
    if len(timeline) <= _TIMELINE:
        return timeline
    return (*timeline[:_BEGINNING], *timeline[_BEGINNING - _TIMELINE :])


def _moved(
    incident: Incident, health: CombinedHealth, now: datetime, policy: Thresholds, *, quiet: datetime
) -> Incident:
    """The incident in its next phase. `quiet`: since when nothing has failed, if nothing does now."""
    if health.level is Level.CONFIRMED and incident.phase is Phase.SUSPECTED:
        by = "our own observations" if health.observed is Level.CONFIRMED else "the provider's status page"
        entries = (
            TimelineEntry(incident.onset_at, "seen", _first_seen(incident)),
            TimelineEntry(now, "confirmed", f"confirmed by {by}"),
        )
        incident = replace(incident, phase=Phase.CONFIRMED, confirmed_at=now, timeline=(*incident.timeline, *entries))
    elif _recurs(incident, health, now, policy):
        incident = _next_wave(incident, now, policy)
        if health.observed is Level.NONE:  # what was seen in an earlier wave says nothing about this one
            incident = replace(incident, outage=OutageState.REPORTED, observed=(), symptoms=())
    is_quiet = not health.fails and (health.well or not health.watched)
    # A page that nobody has updated for a day does not keep an incident open while all our observations are good.
    aged = now - incident.updated_at >= policy.word_lasts
    is_quiet = is_quiet and (not health.statement_open or health.despite or aged)
    # What only pages and other monitoring report is over when that is read.
    since = quiet if health.well and not health.reported else now
    incident = replace(
        incident,
        calm_since=_calm_since(incident, health, now),
        quiet_since=(incident.quiet_since or since) if is_quiet else None,
        unwatched=incident.unwatched if is_quiet and incident.quiet_since else timedelta(0),
    )
    return _eased(incident, health, now, policy)


def _first_seen(incident: Incident) -> str:
    if incident.outage is OutageState.REPORTED:
        return "first report read"
    return "first failure observed" if incident.outage is OutageState.DOWN else "first sign of degradation observed"


def _calm_since(incident: Incident, health: CombinedHealth, now: datetime) -> datetime | None:
    if health.well:
        return incident.calm_since or now
    # A suspicion does not end the calm yet: only so can the next failure be recognised as a new wave.
    return incident.calm_since if health.observed is Level.SUSPECTED else None


def _recurs(incident: Incident, health: CombinedHealth, now: datetime, policy: Thresholds) -> bool:
    if health.level is not Level.CONFIRMED or incident.phase is Phase.SUSPECTED:
        return False
    if incident.phase in (Phase.MONITORING, Phase.RESOLVED):
        return True
    calm = incident.calm_since
    return health.observed is Level.CONFIRMED and calm is not None and now - calm >= policy.calm


def _next_wave(incident: Incident, now: datetime, policy: Thresholds) -> Incident:
    wave, response = incident.wave + 1, incident.handling
    if incident.phase is Phase.RESOLVED:  # the person who acknowledged it may be asleep now
        response = replace(response, acknowledged_by="", acknowledged_at=None)
    return replace(
        incident,
        phase=Phase.CONFIRMED,
        wave=wave,
        flapping=wave >= policy.flaps,
        handling=response,
        resolved_at=None,
        overruled=(),
        timeline=(*incident.timeline, TimelineEntry(now, "wave", f"failing again: wave {wave}")),
    )


def _eased(incident: Incident, health: CombinedHealth, now: datetime, policy: Thresholds) -> Incident:
    quiet, incident = incident.quiet_since, replace(incident, closes_at=None)
    if quiet is None or incident.phase in (Phase.SUSPECTED, Phase.RESOLVED):
        return incident
    if incident.phase is Phase.CONFIRMED and now - quiet >= policy.calm:
        entry = TimelineEntry(now, "calm", "recovering: no failure observed any more")
        incident = replace(incident, phase=Phase.MONITORING, timeline=(*incident.timeline, entry))
    settles = policy.settles_after(incident.wave, watched=health.watched or health.well)
    if health.despite:
        settles = max(settles, policy.despite_word)
    closes = quiet + incident.unwatched + settles
    if incident.phase is not Phase.MONITORING:
        return incident
    if health.observed is Level.NONE and now >= closes:
        return _resolved(incident, health, now)
    return replace(incident, closes_at=closes)


def _resolved(incident: Incident, health: CombinedHealth, now: datetime) -> Incident:
    entry = TimelineEntry(now, "resolved", f"resolved: {_resolution(incident, health)}")
    timeline = (*incident.timeline, entry)
    seen = incident.outage is not OutageState.REPORTED
    open_items = [item for statement in incident.words for item in statement.open_items]
    overruled = tuple(f"{item.key}|fixed" if item.fixed and not seen else item.key for item in open_items)
    ended = replace(incident, phase=Phase.RESOLVED, resolved_at=now, timeline=timeline, overruled=overruled)
    # Money is counted until it was last seen down, and what it was at its worst is what its report says.
    down = ended.down_for(now)
    return replace(ended, down_before=down, down_since=None, outage=OutageState.DOWN if down else ended.outage)


def _resolution(incident: Incident, health: CombinedHealth) -> str:
    if health.despite:
        return "our observations have been good for long enough, although the provider's incident is still open"
    if health.watched or health.well:
        return "our observations have been good for long enough"
    return (
        "the provider closed its incident, and no failure was reported since"
        if incident.words
        else "no further failure reported"
    )


def _statements(
    before: Iterable[ProviderStatement], healths: Iterable[ScopeHealth], now: datetime
) -> tuple[ProviderStatement, ...]:
    """The statement of each provider: open while any of its pages says so; `since` is the first one that we read."""
    statements = {statement.provider: statement for statement in before}
    current: dict[str, list[ProviderStatement]] = {}
    for health in healths:
        if health.statement is not None:
            current.setdefault(health.statement.provider, []).append(health.statement)
    for provider, found in current.items():
        worst = max(found, key=lambda statement: (statement.open, SCALE.index(statement.severity), statement.title))
        known = statements.get(provider)
        if known is None and not worst.open:
            continue  # what the provider closed before our incident began is not about it
        since = min(known.since, worst.since) if known else min(worst.since, now)
        statements[provider] = replace(worst, since=since)
    return tuple(statements[name] for name in sorted(statements))


def _statement_entries(
    before: Iterable[ProviderStatement], after: Iterable[ProviderStatement], now: datetime
) -> tuple[TimelineEntry, ...]:
    known = {statement.provider: statement for statement in before}
    entries = []
    for statement in after:
        last, page = known.get(statement.provider), f"{provider_name(statement.provider)} status page"
        if last is None:
            entries.append(TimelineEntry(statement.since, "provider", f"{page}: {statement.title}"))
        elif last.open and not statement.open:
            entries.append(TimelineEntry(now, "provider", f"{page}: resolved"))
        elif statement.open and not last.open:
            entries.append(TimelineEntry(now, "provider", f"{page}: reopened"))
        elif statement.progress is not last.progress and statement.progress is not None:
            entries.append(TimelineEntry(now, "provider", f"{page}: {statement.progress.value}"))
    return tuple(entries)

"""The life of one incident: suspected, confirmed, monitoring, resolved; quick to say that it is back, slow to say it is over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.incidents.engine.quorum import SCALE, Level, ScopeHealth
from bot.model.incidents import Incident, Phase, ProviderStatement, TimelineEntry
from bot.model.thresholds import Thresholds
from checks import Scope

_EVIDENCE_SHOWN = 12
_TIMELINE, _BEGINNING = 300, 50


@dataclass(frozen=True, slots=True)
class Reading:
    """What all of an incident's scopes say together."""

    level: Level
    seen: Level
    well: bool
    watched: bool
    word_open: bool

    @classmethod
    def of(cls, verdicts: Sequence[ScopeHealth], words: Iterable[ProviderStatement]) -> "Reading":
        """Well only where everything is that is watched, or that a hook has told of."""
        known = [one for one in verdicts if one.watched or one.told]
        return cls(
            level=max((one.level for one in verdicts), default=Level.NONE),
            seen=max((one.seen for one in verdicts), default=Level.NONE),
            well=bool(known) and all(one.well for one in known),
            watched=any(one.watched for one in known),
            word_open=any(word.open for word in words),
        )


def advance(
    incident: Incident, verdicts: Mapping[Scope, ScopeHealth], now: datetime, policy: Thresholds
) -> Incident | None:
    """The incident one moment later; None: it was a suspicion that came to nothing."""
    mine = [verdicts[scope] for scope in incident.scopes if scope in verdicts]
    words = _words(incident.words, mine, now)
    reading = Reading.of(mine, words)
    if incident.watched and now - incident.updated_at < policy.word_lasts:
        reading = replace(reading, watched=True)  # who has fallen silent has not said that it is well
    if reading.level is Level.NONE and incident.phase is Phase.SUSPECTED:
        return None
    if not incident.open and reading.level is not Level.SURE:
        return incident
    moved = _moved(replace(incident, words=words), reading, now, policy)
    evidence = tuple(dict.fromkeys(text for one in mine for text in one.evidence))
    onset = min([one.since for one in mine if one.since] + [moved.onset_at])
    return replace(
        moved,
        watched=incident.watched or reading.watched,
        evidence=evidence[:_EVIDENCE_SHOWN] or incident.evidence,
        onset_at=onset if incident.phase is Phase.SUSPECTED else moved.onset_at,
        updated_at=now if reading.level is not Level.NONE else moved.updated_at,
        timeline=_bounded((*moved.timeline, *_said(incident.words, words, now))),
    )


def _bounded(timeline: tuple[TimelineEntry, ...]) -> tuple[TimelineEntry, ...]:
    """How it began, and the newest: a page that changes its word every minute for days must not fill the ledger."""
    if len(timeline) <= _TIMELINE:
        return timeline
    return (*timeline[:_BEGINNING], *timeline[_BEGINNING - _TIMELINE :])


def _moved(incident: Incident, reading: Reading, now: datetime, policy: Thresholds) -> Incident:
    if reading.level is Level.SURE and incident.phase is Phase.SUSPECTED:
        why = "our own observations agree" if reading.seen is Level.SURE else "the provider says so"
        told = (
            TimelineEntry(incident.onset_at, "seen", "first sign"),
            TimelineEntry(now, "confirmed", f"confirmed: {why}"),
        )
        incident = replace(incident, phase=Phase.CONFIRMED, confirmed_at=now, timeline=(*incident.timeline, *told))
    elif _comes_back(incident, reading, now, policy):
        incident = _next_wave(incident, now, policy)
    quiet = reading.level is Level.NONE and (reading.well or not reading.watched)
    # A page that nobody has touched for a day does not keep an incident open that all of us see well.
    open_word = reading.word_open and now - incident.updated_at < policy.word_lasts
    incident = replace(
        incident,
        calm_since=_calm_since(incident, reading, now),
        quiet_since=(incident.quiet_since or now) if quiet and not open_word else None,
    )
    return _eased(incident, reading, now, policy)


def _calm_since(incident: Incident, reading: Reading, now: datetime) -> datetime | None:
    if reading.well:
        return incident.calm_since or now
    # A suspicion does not end the calm yet: only so can it be told that what follows is a new wave.
    return incident.calm_since if reading.seen is Level.SUSPECTED else None


def _comes_back(incident: Incident, reading: Reading, now: datetime, policy: Thresholds) -> bool:
    if reading.level is not Level.SURE or incident.phase is Phase.SUSPECTED:
        return False
    if incident.phase in (Phase.MONITORING, Phase.RESOLVED):
        return True
    calm = incident.calm_since
    return reading.seen is Level.SURE and calm is not None and now - calm >= policy.calm


def _next_wave(incident: Incident, now: datetime, policy: Thresholds) -> Incident:
    wave, hands = incident.wave + 1, incident.handling
    if incident.phase is Phase.RESOLVED:  # whoever took it on was told that it is over, and may be asleep now
        hands = replace(hands, acknowledged_by="", acknowledged_at=None)
    return replace(
        incident,
        phase=Phase.CONFIRMED,
        wave=wave,
        flapping=wave >= policy.flaps,
        handling=hands,
        resolved_at=None,
        timeline=(*incident.timeline, TimelineEntry(now, "wave", f"it is back: wave {wave}")),
    )


def _eased(incident: Incident, reading: Reading, now: datetime, policy: Thresholds) -> Incident:
    quiet = incident.quiet_since
    if quiet is None or incident.phase in (Phase.SUSPECTED, Phase.RESOLVED):
        return incident
    if incident.phase is Phase.CONFIRMED and now - quiet >= policy.calm:
        moment = TimelineEntry(now, "calm", "nothing bad is seen any more; watching whether it stays so")
        incident = replace(incident, phase=Phase.MONITORING, timeline=(*incident.timeline, moment))
    if incident.phase is Phase.MONITORING and now - quiet >= policy.settles_after(
        incident.wave, watched=reading.watched or reading.well
    ):
        moment = TimelineEntry(now, "resolved", f"over: {_how(incident, reading)}")
        incident = replace(incident, phase=Phase.RESOLVED, resolved_at=now, timeline=(*incident.timeline, moment))
    return incident


def _how(incident: Incident, reading: Reading) -> str:
    if reading.watched or reading.well:
        return "it has been well for long enough"
    return "by the provider's word, and nothing since" if incident.words else "nobody has said anything more of it"


def _words(
    before: Iterable[ProviderStatement], verdicts: Iterable[ScopeHealth], now: datetime
) -> tuple[ProviderStatement, ...]:
    """The word of each provider: open while any of its pages says so; `since` is the first we saw."""
    words = {word.provider: word for word in before}
    heard: dict[str, list[ProviderStatement]] = {}
    for verdict in verdicts:
        if verdict.word is not None:
            heard.setdefault(verdict.word.provider, []).append(verdict.word)
    for provider, said in heard.items():
        worst = max(said, key=lambda word: (word.open, SCALE.index(word.severity), word.title))
        known = words.get(provider)
        if known is None and not worst.open:
            continue  # what was over before we had an incident says nothing of it
        since = min(known.since, worst.since) if known else min(worst.since, now)
        words[provider] = replace(worst, since=since)
    return tuple(words[name] for name in sorted(words))


def _said(
    before: Iterable[ProviderStatement], after: Iterable[ProviderStatement], now: datetime
) -> tuple[TimelineEntry, ...]:
    known = {word.provider: word for word in before}
    moments = []
    for word in after:
        last = known.get(word.provider)
        if last is None:
            moments.append(TimelineEntry(word.since, "provider", f"{word.provider} says: {word.title}"))
        elif last.open and not word.open:
            moments.append(TimelineEntry(now, "provider", f"{word.provider} says that it is over"))
        elif word.open and not last.open:
            moments.append(TimelineEntry(now, "provider", f"{word.provider} says that it is back"))
    return tuple(moments)

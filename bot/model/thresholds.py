"""The thresholds of incident detection, in one place: what confirms an incident, and what closes one."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.model.signals import SignalSource


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What it takes to open an incident, and to close one.

    `rise`: consecutive bad rounds on most paths that confirm an incident. Where one round in a hundred fails by chance and ten
    things are watched, two in a row occur every few hours, four in a row once in thousands of days.
    `own_rise`: consecutive bad rounds of the control group on all paths until our own network is at fault.
    `fresh`: an own observation older than this no longer counts; `canary_fresh` and `feed_fresh` are the same for calls with
    our own credentials and for status pages. `lively`: an observation this much older than another vantage point's of the same
    target does not outweigh it, since its observer may be down.
    `gather`: how long a problem that only a status page reports waits for other reports, so that a storm becomes one
    notification. `word_alone`: how long such a report must last, or else appear in two polls, before it counts, since automatic
    incidents often vanish within a minute.
    `calm`: how long own observations must be good before an incident counts as recovering; `settle`: before it is resolved,
    doubled with each wave up to `longest_settle`; `word_settle`: the same where only the provider's report exists.
    `despite_word`: how long our own observations must be good before an incident is resolved in spite of a page that says that it
    is open.
    `reopen`: a problem in the same place within this time after its end is a new wave of the same incident.
    `storm`: this many failing providers that began within `storm_window` have one cause. `flaps`: from this wave on it is flapping.
    `together`: regions of one provider that begin to fail within this time are one incident.
    `listed_before`: an incident that a page listed at the first reading, and that began longer ago than this, is an old one.
    `hook_lasts`: how long a report of the team's own monitoring counts without being repeated (Alertmanager repeats every four
    hours); `hook_minor`: how long a mere warning of it must last before it counts, anything more severe `gather`.
    `word_lasts`: a status page's incident that was not updated for this long no longer counts.
    `window_at_most`: an announced maintenance longer than this explains no problem.
    """

    rise: int = 4
    own_rise: int = 2
    fresh: timedelta = timedelta(seconds=100)
    lively: timedelta = timedelta(seconds=50)
    canary_fresh: timedelta = timedelta(seconds=100)
    feed_fresh: timedelta = timedelta(minutes=15)
    gather: timedelta = timedelta(seconds=60)
    word_alone: timedelta = timedelta(minutes=5)
    hook_lasts: timedelta = timedelta(hours=24)
    hook_minor: timedelta = timedelta(minutes=5)
    calm: timedelta = timedelta(minutes=2)
    settle: timedelta = timedelta(minutes=15)
    longest_settle: timedelta = timedelta(minutes=110)
    word_settle: timedelta = timedelta(hours=1)
    despite_word: timedelta = timedelta(hours=1)
    reopen: timedelta = timedelta(hours=2)
    storm: int = 5
    storm_window: timedelta = timedelta(minutes=10)
    flaps: int = 3
    together: timedelta = timedelta(minutes=3)
    listed_before: timedelta = timedelta(hours=1)
    word_lasts: timedelta = timedelta(hours=24)
    window_at_most: timedelta = timedelta(hours=12)

    @classmethod
    def looking_every(cls, interval: timedelta, canaries: timedelta = timedelta(seconds=30)) -> "Thresholds":
        """The defaults for these intervals of probes and canaries: an observation counts until two more are overdue."""
        usual, spare, slowest = cls(), timedelta(seconds=10), max(interval, canaries)
        return replace(
            usual,
            fresh=max(usual.fresh, 3 * interval + spare),
            canary_fresh=max(usual.canary_fresh, 3 * canaries + spare),
            lively=max(usual.lively, 1.5 * slowest + spare / 2),
        )

    def stands(self, kind: SignalSource) -> timedelta:
        """How long a signal of this kind counts; after a longer silence its state is unknown."""
        own = {"feed": self.feed_fresh, "hook": self.hook_lasts, "canary": self.canary_fresh}
        return own.get(kind, self.fresh)

    def remembered(self, kind: SignalSource) -> timedelta:
        """After how long without a signal an observer of this kind is forgotten."""
        return self.hook_lasts if kind == "hook" else self.feed_fresh * 2

    def settles_after(self, wave: int, *, watched: bool) -> timedelta:
        """How long everything must be healthy before the incident is resolved. `watched`: our own observations cover it."""
        if not watched:
            return self.word_settle
        doubled: timedelta = self.settle * float(1 << min(wave - 1, 8))
        return min(doubled, self.longest_settle)

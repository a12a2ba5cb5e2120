"""The numbers of incidents, in one place: how sure is sure, and how long is long enough."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.model.incidents import SignalSource


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How much it takes to open an incident, and how much more to close one.

    `rise`: bad rounds in a row, on most paths, that confirm: where one round in a hundred fails by chance, and ten things are
    watched, two in a row come about every few hours and four in a row once in thousands of days.
    `own_rise`: bad rounds of the control group, on all paths, until it is our own network: one lost moment is not.
    `fresh`: an own observation older than this is no news; `lively`: one that is so much older than what another vantage point
    sees of the same thing is not held against it, for whoever made it may have died with what it looked at. `feed_fresh` for a
    provider's page, `canary_fresh` for a call with our own credentials. `gather`: what only a page says waits so long for
    others to say the same, so that a storm is told once; `word_alone`: it must also say so in two polls, for machines write
    incidents that are gone a minute later, or have stood for so long where no second poll came. `calm`: own observations
    must be good for so long before anything is called better; `settle`: before it is over, doubled with each wave up to
    `longest_settle`; `word_settle`: where nothing of ours watches it and only the provider's word is there. `reopen`:
    trouble in the same place within this time is a new wave of the same incident.
    `storm`: so many providers in trouble within `storm_window` have one cause. `flaps`: from this wave on it flaps.
    `hook_lasts`: what somebody's own monitoring said stands so long without being repeated, for it is said once and, by
    Alertmanager, again every four hours; `hook_minor`: a mere warning of it must stand so long before it counts for sure,
    anything graver stands for `gather`.
    `word_lasts`: a page that nobody touched for so long no longer counts, however open it says it is.
    `window_at_most`: an announced maintenance longer than this excuses nothing.
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
    longest_settle: timedelta = timedelta(hours=2)
    word_settle: timedelta = timedelta(hours=1)
    reopen: timedelta = timedelta(hours=12)
    storm: int = 5
    storm_window: timedelta = timedelta(minutes=10)
    flaps: int = 4
    word_lasts: timedelta = timedelta(hours=24)
    window_at_most: timedelta = timedelta(hours=12)

    @classmethod
    def looking_every(cls, interval: timedelta, canaries: timedelta = timedelta(seconds=30)) -> "Thresholds":
        """The usual numbers for looks and calls so far apart: what was seen counts until two more should have come."""
        usual, spare, slowest = cls(), timedelta(seconds=10), max(interval, canaries)
        return replace(
            usual,
            fresh=max(usual.fresh, 3 * interval + spare),
            canary_fresh=max(usual.canary_fresh, 3 * canaries + spare),
            lively=max(usual.lively, 1.5 * slowest + spare / 2),
        )

    def stands(self, kind: SignalSource) -> timedelta:
        """How long what an observer of this kind said counts; a longer silence is no news of it at all."""
        own = {"feed": self.feed_fresh, "hook": self.hook_lasts, "canary": self.canary_fresh}
        return own.get(kind, self.fresh)

    def remembered(self, kind: SignalSource) -> timedelta:
        """After how long a silence an observer of this kind is forgotten. A hook does not go round: its last word runs out."""
        return self.hook_lasts if kind == "hook" else self.feed_fresh * 2

    def settles_after(self, wave: int, *, watched: bool) -> timedelta:
        """How long it must be well before it is over."""
        if not watched:
            return self.word_settle
        doubled: timedelta = self.settle * float(1 << min(wave - 1, 8))
        return min(doubled, self.longest_settle)

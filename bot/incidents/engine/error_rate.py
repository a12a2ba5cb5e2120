"""Tells a raised share of failed rounds from noise, round by round: CUSUM tests against several rates at once.

Page's CUSUM (Biometrika 41, 1954) adds the log-likelihood ratio of "raised" against "usual" for each round and never falls below
zero. It needs no fixed window, so that 15 % is found without waiting for it where 100 % fail, and of all tests with the same
average time between false alarms it has the shortest worst delay (Moustakides, Annals of Statistics 14, 1986). A plain SPRT
would have to be started at the onset, which nobody knows. One test for each of a few rates comes close to knowing the rate.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

USUAL = 0.01
"""The share of failed rounds that is noise for a target of which nothing is known yet."""
RAISED: Final = (0.15, 0.35, 0.75)
"""The raised rates that are tested for."""
ALARM: Final = 18.2
"""The score of an alarm. At 1 % noise a false one is expected once in 2.6e8 rounds of all three tests together, by importance
sampling; 1,000 targets make 8.6e7 rounds in 30 days at 30 s. Lorden's bound e^ALARM alone would promise a quarter of that."""
DOUBT: Final = 2.0
"""From this score on the target is in doubt."""
_CLEAR: Final = 6.0
"""The score that ends an alarm: of steady failures of 15 to 50 % it ends up to 7 of 100 by chance within 120 rounds."""
_CLEAR_ALL_FAILED: Final = 3.5
"""The same where almost all rounds failed: good ones in a row cannot be chance then."""
_MOST_USUAL: Final = 0.3
_PRIOR: Final = 200.0
_MEMORY: Final = 6000.0
_KEPT: Final = 1.0 - 1.0 / _MEMORY
_WINDOW: Final = 32
_PENDING_MOST: Final = 400
"""Rounds in doubt after which they count as usual all the same: 3 h at 30 s, so that a target noisier than most is learned."""
_MASK: Final = (1 << _WINDOW) - 1


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """The record of one target over one path: what is usual for it, the scores, and its last rounds.

    `rounds` and `failures` are what is usual (a decaying count, two days at 30 s). `scores`: of the tests, by `RAISED`. `clearing`:
    the score of the opposite test while `raised`. `history`: the last rounds as bits, the newest lowest, 1 for failed; `length`:
    how many of them there are; `doubtful`: how many rounds ago the scores left zero. `pending`: the failed rounds and all rounds
    since then, which become usual once the doubt is over: else a new target would take its first outage for its habit.
    """

    scores: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rounds: float = 0.0
    failures: float = 0.0
    history: int = 0
    length: int = 0
    doubtful: int = 0
    raised: bool = False
    clearing: float = 0.0
    held: int = 0
    pending: tuple[int, int] = (0, 0)

    @property
    def usual(self) -> float:
        """The share of failed rounds that is usual for this target; at least `USUAL`."""
        own = (self.failures + USUAL * _PRIOR) / (self.rounds + _PRIOR)
        return min(max(own, USUAL), _MOST_USUAL)

    @classmethod
    def alarmed(cls, share: float) -> "ErrorRate":
        """The record of a target of which only is known that its alarm is on, and the share of its rounds that failed."""
        failed = sum((int((at + 1) * share) > int(at * share)) << at for at in range(_WINDOW))
        return cls(history=failed, length=_WINDOW, doubtful=_WINDOW, raised=True)

    @property
    def in_doubt(self) -> bool:
        """Whether more rounds are needed to tell."""
        return self.raised or max(self.scores) >= DOUBT

    @property
    def lasting(self) -> bool:
        """Whether it has been raised for so long, a day and more, that it becomes what is usual."""
        return self.held > _MEMORY / 2

    def failed_of(self, last: int) -> tuple[int, int]:
        """Failed rounds and all rounds among the `last` ones, `_WINDOW` at most."""
        count = min(self.length, last)
        return (self.history & ((1 << count) - 1)).bit_count(), count

    @property
    def share(self) -> float:
        """The share of failed rounds since it is in doubt, 0 where it is not."""
        failed, rounds = self.failed_of(max(self.doubtful, 1)) if self.in_doubt else (0, 0)
        return failed / rounds if rounds else 0.0

    @property
    def recovering(self) -> bool:
        """Whether it failed almost always, and is good since: not yet long enough to end the alarm, but no partial failure."""
        good = (~self.history & (self.history - 1)).bit_length() if self.history else self.length
        failed, rounds = self.failed_of(max(self.doubtful, 1))
        return self.raised and good > 0 and failed >= 0.9 * max(rounds - good, 1)

    def after(self, *, failed: bool) -> "ErrorRate":
        """The record after one more round."""
        history = ((self.history << 1) | failed) & _MASK
        length = min(self.length + 1, _WINDOW)
        if not failed and not self.raised and self.scores == (0.0, 0.0, 0.0):
            # By far the most frequent case, for thousands of targets.
            return ErrorRate(self.scores, self.rounds * _KEPT + 1.0, self.failures * _KEPT, history, length)
        usual = self.usual
        scores = _scored(self.scores, usual, failed=failed)
        doubtful = min(self.doubtful + 1, _WINDOW) if any(scores) else 0
        after = replace(self, scores=scores, history=history, length=length, doubtful=doubtful)
        if self.raised:
            return _while_raised(after, usual, failed=failed)
        if max(scores) >= ALARM:
            return replace(after, raised=True, pending=(0, 0))
        failures, rounds = self.pending[0] + failed, self.pending[1] + 1
        if any(scores) and rounds < _PENDING_MOST:
            return replace(after, pending=(failures, rounds))
        return replace(_learned(after, failures, rounds), pending=(0, 0))

    def forgiven(self) -> "ErrorRate":
        """The record without what is in doubt: the rounds were lost on our own side."""
        return ErrorRate(rounds=self.rounds, failures=self.failures)


NO_ROUNDS: Final = ErrorRate()
"""The record of a target that was never probed."""


def _while_raised(record: ErrorRate, usual: float, *, failed: bool) -> ErrorRate:
    """The record after a round in an alarm, which ends once the opposite test says that the rate is usual again."""
    share = min(max(record.failed_of(_WINDOW)[0] / max(record.length, 1), 2 * usual, RAISED[0]), 0.5)
    step = math.log(usual / share) if failed else math.log((1 - usual) / (1 - share))
    clearing = max(0.0, record.clearing + step)
    if clearing >= (_CLEAR_ALL_FAILED if record.recovering else _CLEAR):
        return replace(record, scores=(0.0, 0.0, 0.0), doubtful=0, raised=False, clearing=0.0, held=0)
    # What lasts becomes what is usual, so that an alarm does not last without end.
    learned = _learned(record, int(failed), 1) if record.lasting else record
    return replace(learned, clearing=clearing, held=record.held + 1)


def _learned(record: ErrorRate, failures: int, rounds: int) -> ErrorRate:
    kept = _KEPT**rounds
    return replace(record, rounds=record.rounds * kept + rounds, failures=record.failures * kept + failures)


def _scored(scores: tuple[float, float, float], usual: float, *, failed: bool) -> tuple[float, float, float]:
    first, second, third = (
        max(0.0, score + _step(max(raised, min(3 * usual, 0.9)), usual, failed=failed))
        for score, raised in zip(scores, RAISED, strict=True)
    )
    return first, second, third


def _step(raised: float, usual: float, *, failed: bool) -> float:
    return math.log(raised / usual) if failed else math.log((1 - raised) / (1 - usual))

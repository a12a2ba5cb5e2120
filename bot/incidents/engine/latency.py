"""Tells a slow answer by the target's own robust baseline, without a limit that somebody would have to set."""

import math
from dataclasses import dataclass
from typing import Final

WARM_UP: Final = 12
"""Answers until the baseline is trusted."""
_TIMES, _EXCESS, _DEVIATIONS = 3.0, 0.25, 6.0
_QUICK, _SLOWLY = 0.3, 0.01
_LEAST_SPREAD, _MOST_SPREAD = 0.03, 1.5
_LEAST_SECONDS = 0.0005
_KNOWN_SPREAD = 0.15


@dataclass(frozen=True, slots=True)
class Latency:
    """What latency is usual for a target: running median and median absolute deviation, both of the logarithm of seconds.

    They follow by steps of the sign of each difference, so that a single huge value moves them no further than a small one.
    """

    answers: int = 0
    centre: float = 0.0
    spread: float = 0.3

    @classmethod
    def known(cls, usual: float) -> "Latency":
        """The baseline of a target of which only its usual latency (seconds) is known."""
        return cls(WARM_UP, math.log(max(usual, _LEAST_SECONDS)), _KNOWN_SPREAD)

    @property
    def usual(self) -> float:
        """The usual latency in seconds."""
        return math.exp(self.centre)

    def is_slow(self, seconds: float) -> bool:
        """Whether an answer took far longer than usual: three times, a quarter of a second more, and six deviations."""
        if self.answers < WARM_UP:
            return False
        usual = self.usual
        deviates = math.log(max(seconds, _LEAST_SECONDS)) - self.centre > _DEVIATIONS * self.spread
        return deviates and seconds >= _TIMES * usual and seconds >= usual + _EXCESS

    def after(self, seconds: float) -> "Latency":
        """The baseline after one more answer."""
        value = math.log(max(seconds, _LEAST_SECONDS))
        if not self.answers:
            return Latency(1, value, self.spread)
        pace = max(_SLOWLY, _QUICK / math.sqrt(self.answers))
        off = value - self.centre
        centre = self.centre + math.copysign(min(abs(off), pace * max(self.spread, 0.1)), off)
        # Equal steps up and down settle where half of the differences are larger: at the median of them.
        spread = self.spread * math.exp(pace if abs(off) > self.spread else -pace)
        return Latency(self.answers + 1, centre, min(max(spread, _LEAST_SPREAD), _MOST_SPREAD))


NO_ANSWERS: Final = Latency()
"""The baseline of a target that never answered."""

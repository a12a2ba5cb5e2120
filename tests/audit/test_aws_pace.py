"""The token bucket before AWS: even pace, quick retreat, slow return."""

import heapq

import pytest

from bot.net.adaptive_rate import AdaptiveRateLimiter


class Time:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    time = Time()
    pace = AdaptiveRateLimiter(20, 40, time.clock, time.sleep)
    for _ in range(40):
        pace.take()
    assert time.now == 0
    for _ in range(20):
        pace.take()
    assert time.now == pytest.approx(1.0)


def test_a_throttle_halves_at_most_and_counts_once_for_calls_already_out() -> None:
    time = Time()
    pace = AdaptiveRateLimiter(20, 40, time.clock, time.sleep)
    for _ in range(10):
        pace.take()
    for _ in range(10):
        pace.slow()
    assert pace.rate == pytest.approx(10)


def test_the_rate_comes_back_when_nothing_is_throttled_and_never_beyond_the_top() -> None:
    time = Time()
    pace = AdaptiveRateLimiter(20, 40, time.clock, time.sleep)
    pace.slow()
    slowed = pace.rate
    time.now += 10
    pace.take()
    assert slowed < pace.rate < 20
    time.now += 1000
    pace.take()
    assert pace.rate == 20


@pytest.mark.parametrize(("calls", "workers"), [(150, 8), (400, 8), (400, 16), (181, 48)])
def test_at_a_throttle_of_ten_a_second_it_takes_little_longer_than_the_throttle_sets(calls: int, workers: int) -> None:
    seconds, throttled = throttled_run(calls, workers, granted=10)
    assert seconds <= 1.2 * calls / 10
    assert throttled <= workers + calls * 0.05, "so many at once, then one in twenty"


def throttled_run(calls: int, workers: int, granted: float) -> tuple[float, int]:
    """Seconds and throttles until all calls went through a server that grants so many a second, 60 ms away."""
    time = Time()
    pace = AdaptiveRateLimiter(20, 40, time.clock, time.sleep)
    tokens, at, waiting, throttled, done_at = granted, 0.0, calls, 0, 0.0
    events = [(0.0, worker, "take") for worker in range(workers)]
    while events:
        now, worker, what = heapq.heappop(events)
        time.now = now
        if what == "take" and waiting:
            waiting -= 1
            pace.take()
            heapq.heappush(events, (time.now + 0.03, worker, "arrive"))
        elif what == "arrive":
            tokens, at = min(granted, tokens + (now - at) * granted), now
            heapq.heappush(events, (now + 0.03, worker, "granted" if tokens >= 1 else "throttled"))
            tokens -= tokens >= 1
        elif what in ("granted", "throttled"):
            if what == "granted":
                pace.accepted()
                done_at = now
            else:
                pace.slow()
                throttled, waiting = throttled + 1, waiting + 1
            heapq.heappush(events, (now, worker, "take"))
    return done_at, throttled

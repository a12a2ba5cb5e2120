"""What bodies of 10 MB, honest and hostile, cost the parser: `python tests/bench/bench_feed_bodies.py`.

The measure is what the standard library needs to load the honest one as JSON. The goal is at most 80 times that for each.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from support.fakes.status_page import summary, trouble  # noqa: E402 - found by the path above

from bot.detection.feeds import FeedError, parse  # noqa: E402

GOAL, SIZE = 80.0, 10_000_000


def incidents() -> bytes:
    """20,000 incidents of a Statuspage, each with an update of HTML."""
    said = {
        "status": "resolved",
        "body": f"<p>It is over &amp; done.</p>{'x' * 200}",
        "created_at": "2026-01-01T01:00:00Z",
    }
    return summary(*(trouble(f"i{n:05}", status="resolved", incident_updates=[said]) for n in range(20_000)))


def updates() -> bytes:
    """One incident with updates without end."""
    return summary(trouble(incident_updates=[{"body": str(n)} for n in range(500_000)]))


def rss(text: str, length: int) -> bytes:
    """Items of this text, each so long."""
    item = f"<item><title>x</title><description>{text * (length // len(text))}</description></item>"
    return f"<rss><channel>{item * (SIZE // len(item))}</channel></rss>".encode()


def bodies() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Each with its name."""
    yield "20,000 incidents", incidents
    yield "500,000 updates", updates
    yield "45,000 items", lambda: rss("It is over. ", 170)
    yield "unclosed tags", lambda: rss("&lt;a '", 70_000)
    yield "lines that look like dates", lambda: rss("Jan 1, 2026 - 1:00 UTX\n", 20_000)
    yield "dashes", lambda: rss("- \n", 70_000)
    yield "heads of paragraphs", lambda: rss("&lt;small&gt;Nov 24, 09:05 UTC&lt;/small&gt;&lt;strong&gt;", 70_000)
    yield "text that begins updates", lambda: b"Update - x\n" * (SIZE // 11)
    yield "comments", lambda: b"<!-- -->" * (SIZE // 8)
    yield "tags in tags", lambda: b"<a>" * (SIZE // 3)


def seconds(work: Callable[[], object]) -> float:
    """How long it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> int:
    honest = incidents()
    measure = sorted(seconds(lambda: json.loads(honest)) for _ in range(5))[2]
    sys.stdout.write(f"json.loads of {len(honest):,} bytes: {measure:.2f} s\n")
    worst = 0.0
    for name, make in bodies():
        body = make()
        start = time.perf_counter()
        try:
            said = f"{len(parse(body).page.incidents):,} incidents"
        except FeedError as error:
            said = str(error)
        ratio = (time.perf_counter() - start) / measure
        worst = max(worst, ratio)
        sys.stdout.write(f"{name:26} {len(body):>12,} bytes {ratio:6.1f} times  {said[:60]}\n")
    sys.stdout.write(f"worst: {worst:.1f} times; the goal is {GOAL:g}\n")
    return 0 if worst <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())

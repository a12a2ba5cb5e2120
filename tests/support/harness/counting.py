"""Counts work instead of timing it: the number is the same on any machine."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def counted_calls() -> Iterator[list[int]]:
    """Yields a list whose only item is the number of functions called within the block so far."""
    counted, before = [0], sys.getprofile()

    def count(_frame: object, event: str, _argument: object) -> None:
        counted[0] += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield counted
    finally:
        sys.setprofile(before)

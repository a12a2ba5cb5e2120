"""Durations as Google's APIs write them: `604800s` (google.protobuf.Duration)."""

from datetime import timedelta


def duration_of(text: str) -> timedelta | None:
    """A duration; None where the field is absent.

    Raises:
        ValueError: the text is no duration.
    """
    return timedelta(seconds=float(text.removesuffix("s"))) if text else None


def days_of(text: str) -> int:
    """The whole days of a duration; 0 where the field is absent.

    Raises:
        ValueError: the text is no duration.
    """
    return (duration_of(text) or timedelta(0)).days

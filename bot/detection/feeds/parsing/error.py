"""The one error of this folder: what is wrong with a payload, and how to mend it."""


class FeedError(Exception):
    """A payload that cannot be read as a feed: whatever it is about is unknown, never green. `mend` may be empty."""

    def __init__(self, problem: str, mend: str = "") -> None:
        super().__init__(problem)
        self.mend = mend

"""The error of this package: what is wrong with a payload, and how to fix it."""


class FeedError(Exception):
    """A payload cannot be read as a feed, so the provider's status is unknown. `fix` says what to do, or is empty.

    The text is a predicate, such as `is empty`, to follow the name of the file or provider.
    """

    def __init__(self, problem: str, fix: str = "") -> None:
        super().__init__(problem)
        self.fix = fix

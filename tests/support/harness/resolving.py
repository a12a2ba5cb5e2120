"""A resolver that answers as a test says, and keeps what it was asked."""

from collections.abc import Sequence

UNROUTED = "192.88.99.1"
"""A public address at which nothing answers: the anycast of 6to4 relays, which was withdrawn (RFC 7526)."""


class Resolver:
    """Names -> the addresses of each lookup in turn; the last ones stay. Names that are not listed do not exist."""

    def __init__(self, **names: Sequence[Sequence[str]]) -> None:
        self._names = {name.replace("_", "."): list(answers) for name, answers in names.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self._names.get(host)
        if not answers:
            raise OSError("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]

"""Replaces a route that cannot be built and refuses every message with the reason, so that receipts name it."""

from bot.model import Message, Refused, Result


class Unusable:
    """A configured route that cannot be used. `reason` contains no secret."""

    kind = "unusable"

    def __init__(self, name: str, reason: str) -> None:
        self.name = self.platform = name
        self.reason = reason

    async def send(self, message: Message, attempt: int) -> Result:  # noqa: ARG002 - whatever it is and however often
        """Refuses every message."""
        return Refused(self.reason)

"""What stands where a route cannot be built: it refuses every post with the reason, so that receipts and alarms name it."""

from bot.model import Message, Refused, Result


class Unusable:
    """A route of the settings that cannot be used. `reason` holds no secret."""

    kind = "unusable"

    def __init__(self, name: str, reason: str) -> None:
        self.name = self.platform = name
        self.reason = reason

    async def send(self, message: Message, attempt: int) -> Result:  # noqa: ARG002 - whatever it is and however often
        """Refuse."""
        return Refused(self.reason)

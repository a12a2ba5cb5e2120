"""What stands where a route cannot be built: it refuses every post with the reason, so that receipts and those told of it name it."""

from dataclasses import dataclass
from typing import ClassVar

from bot.ports import Message, Refused, Result


@dataclass(frozen=True, slots=True)
class Unusable:
    """A route of the settings that cannot be used. `reason` holds no secret."""

    kind: ClassVar[str] = "unusable"

    name: str
    reason: str

    @property
    def platform(self) -> str:
        """Its own: what it says tells nothing of another route."""
        return self.name

    async def send(self, message: Message, attempt: int) -> Result:  # noqa: ARG002 - whatever it is and however often
        """Refuse."""
        return Refused(self.reason)

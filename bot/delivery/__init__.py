"""The outbox's way to people: the primary route, then the fallbacks, with a receipt for every try."""

from bot.delivery._breaker import Breaker
from bot.delivery._policy import Policy
from bot.delivery._sender import Sender

__all__ = ["Breaker", "Policy", "Sender"]

"""The outbox's way to people: the primary route, then the fallbacks, with a receipt for every try."""

from bot.delivery.circuit_breaker import Breaker
from bot.delivery.policy import Policy
from bot.delivery.sender import Sender

__all__ = ["Breaker", "Policy", "Sender"]

"""The outbox's way to people: the primary route, then the fallbacks, with a receipt for every try."""

from bot.delivery.circuit_breaker import CircuitBreaker
from bot.delivery.policy import DeliveryPolicy
from bot.delivery.sender import Sender

__all__ = ["CircuitBreaker", "DeliveryPolicy", "Sender"]

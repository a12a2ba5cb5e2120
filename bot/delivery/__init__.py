"""Delivers the messages in the outbox to people.

Takes messages from the ledger's outbox, the routes of audiences, and schedules. Gives deliveries over the primary route or,
where that fails, the fallbacks, with a receipt for every attempt. Never decides what is said or who is told, and never sends
anything that is not in the outbox.
"""

from bot.delivery.circuit_breaker import CircuitBreaker
from bot.delivery.policy import DeliveryPolicy
from bot.delivery.sender import Sender

__all__ = ["CircuitBreaker", "DeliveryPolicy", "Sender"]

"""The messages: one file per message, from domain types to a card."""

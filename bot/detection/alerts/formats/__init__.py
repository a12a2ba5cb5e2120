"""Webhook alert formats, one module each: `AUTH_METHODS`, `BODY` and `read(body, context)`."""

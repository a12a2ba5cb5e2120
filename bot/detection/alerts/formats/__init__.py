"""The formats of alerts: one file a format, with `AUTH_METHODS`, `BODY` and `read`."""

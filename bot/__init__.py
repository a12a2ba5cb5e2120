"""backstay: scores how services would survive an outage, detects outages early, and notifies people when chat is down."""

__version__ = "0.1.0"

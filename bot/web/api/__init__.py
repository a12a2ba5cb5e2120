"""The HTTP API for operators: broadcast, status, scorecards and read-only commands, also when chat is down."""

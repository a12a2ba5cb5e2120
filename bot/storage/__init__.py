"""Keeps everything that must survive a restart: tables, migrations, transactions and leases, on SQLite or PostgreSQL.

Takes types of `bot.model` and gives them back as they were stored, also to several replicas at once and to other versions of
backstay. Never sends a message, never reads an estate and never decides anything about an incident.
"""

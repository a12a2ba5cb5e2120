"""Migrations of the tables, which Alembic runs when the ledger is opened."""

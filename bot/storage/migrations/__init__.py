"""The ledger's history of shapes, run by Alembic when the ledger is opened."""

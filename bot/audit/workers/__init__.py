"""Spreads an audit over several machines: accounts become jobs in the ledger's PostgreSQL, and workers read them."""

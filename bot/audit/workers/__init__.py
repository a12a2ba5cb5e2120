"""Audits over several machines: accounts as jobs on the PostgreSQL of the ledger, read by as many workers as are started."""

"""Runbooks: fetched, copied, and read for their first steps."""

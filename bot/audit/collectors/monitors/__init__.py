"""Reads monitoring systems: which alerts watch a service, whether they work, and whom they reach."""

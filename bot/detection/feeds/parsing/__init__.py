"""Shared parsing for feed formats: bytes to payloads, times, states, severities, and RSS and Atom entries."""

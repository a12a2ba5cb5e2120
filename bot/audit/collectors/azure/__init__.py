"""Reads Azure with queries of Resource Graph."""

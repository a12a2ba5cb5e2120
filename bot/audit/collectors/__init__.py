"""Collectors: read a source and return facts, with a gap for each part that could not be read."""

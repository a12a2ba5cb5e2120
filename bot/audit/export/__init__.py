"""Writes an audit or a what-if as text for other programs: JSON, CSV, JUnit XML, Markdown. Pure: it writes no files."""

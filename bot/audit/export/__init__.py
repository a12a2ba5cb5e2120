"""An audit or a what-if as a file for other programs: JSON, CSV, JUnit XML, Markdown. Pure: text out, nothing written."""

"""How the metric source of an objective is asked."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

NO_DATA = "NoData"
"""The code of a ReadError that says: the query is right, and there is no series for it."""

Ask = Callable[[str, Mapping[str, str]], Awaitable[Any]]
"""Makes a GET of a path with parameters at one monitoring system and returns its JSON. Raises ReadError."""

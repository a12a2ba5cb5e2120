"""Takes out of every text what PostgreSQL stores in none, so that no text is refused by one ledger and taken by another.

The character U+0000 (postgresql.org/docs/current/datatype-character.html) is dropped, and half a surrogate pair, which is no
character of UTF-8, becomes a question mark. Texts that come with such a character are stored without it on SQLite as well.
"""

import json
import re
from typing import Any

from sqlalchemy import Engine, event

# An even number of backslashes before it: an odd one would make it six plain characters.
_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def storable(text: str) -> str:
    """The text as every ledger can store it."""
    text = text.replace("\0", "")
    return text if text.isascii() else text.encode(errors="replace").decode()


def json_text(value: Any) -> str:
    """JSON whose strings every ledger can store."""
    dumped = json.dumps(value)
    return _ESCAPED.sub(r"\1", dumped) if r"\u0000" in dumped else dumped


def keep_storable(engine: Engine) -> None:
    """Let no statement of this engine carry anything else."""
    event.listen(engine, "before_cursor_execute", _cleaned, retval=True)


def _cleaned(_connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool) -> tuple[str, Any]:
    if many:
        return statement, [_row(row) for row in given]
    return statement, _row(given)


def _row(row: Any) -> Any:
    if isinstance(row, dict):
        return {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}
    if isinstance(row, tuple | list):
        return type(row)(storable(value) if isinstance(value, str) else value for value in row)
    return row

"""The values that a regular expression lists: `checkout|login`, `(checkout|login)`, `shop-(a|b)`; none where it has other signs."""

import re
from typing import Final

_PLAIN: Final = re.compile(r"(?:[A-Za-z0-9_:/@ -]|\\[.\-/+*?()|\\])*")
_MOST: Final = 50


def alternatives(pattern: str) -> tuple[str, ...]:
    """The listed values, at most 50; empty where the pattern fits values that it does not list.

    Prometheus anchors patterns at both ends, so `checkout` fits nothing else.
    """
    text = pattern.removeprefix("^").removesuffix("$")
    head, tail, inner = "", "", text
    if match := re.fullmatch(r"([^()|]*)\((?:\?:)?([^()]*)\)([^()|]*)", text):
        head, inner, tail = match.groups()
    parts = inner.split("|")
    if len(parts) > _MOST or not all(_PLAIN.fullmatch(part) for part in (head, tail, *parts)):
        return ()
    found = tuple(dict.fromkeys(_plain(f"{head}{part}{tail}") for part in parts))
    return found if all(found) else ()


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)

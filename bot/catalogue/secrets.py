"""Secrets have no place in backstay.yaml: what looks like one is refused, and no message ever repeats it."""

import re
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

_TOKENS = (
    ("a Slack token", re.compile(r"\bxox[a-z]-[\w-]{8,}|\bxapp-[\w-]{8,}")),
    ("a Slack webhook address", re.compile(r"hooks\.slack\.com/(services|workflows|triggers)/\w")),
    ("a signed address", re.compile(r"[?&](sig|token|key|api_?key|secret)=[^&\s]{6,}", re.IGNORECASE)),
    ("an AWS access key", re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a GitHub token", re.compile(r"\b(gh[pousr]_\w{20,}|github_pat_\w{20,})")),
    ("a Stripe key", re.compile(r"\b[sr]k_(live|test)_\w{10,}")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY")),
    ("a signed token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.")),
    ("a password in an address", re.compile(r"\w+://[^/\s:@]+:[^/\s@]+@")),
)
_KEY = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w=-]{20,}")
REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*")


# Names of headers that are there to prove something.
_TELLING = re.compile(r"auth|token|secret|key|cookie|password", re.IGNORECASE)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}")


def is_reference(value: str) -> bool:
    """Whether a setting names where its value is (`env:NAME`, `file:PATH`) and is not the value itself."""
    return value.startswith(("env:", "file:"))


def headers(value: dict[str, str]) -> dict[str, str]:
    """Headers of a request, of which those that prove something are references.

    Raises:
        PydanticCustomError: one holds a secret itself, or its name is none.
    """
    for name, content in value.items():
        if not _HEADER.fullmatch(name):
            raise refuse(f"{quote(name)} is not a valid header name")
        if _TELLING.search(name) and not REFERENCE.fullmatch(content):
            raise refuse(f"the header {name} carries a secret; write env:NAME or file:PATH")
    return value


def refuse(text: str) -> PydanticCustomError:
    """The error which a validator raises; `text` reaches the person as it is."""
    return PydanticCustomError("backstay", "{text}", {"text": text})


def secret_kind(text: str) -> str:
    """What kind of secret the text looks like, empty for none."""
    return next((kind for kind, shape in _TOKENS if shape.search(text)), "")


def quote(value: object) -> str:
    """A value for a message: cut, never a secret."""
    if not isinstance(value, str | int | float | bool):
        return {"dict": "a mapping", "list": "a list", "NoneType": "nothing"}.get(type(value).__name__, "this")
    text = str(value)
    if secret_kind(text):
        return "(hidden)"
    return repr(text if len(text) <= 40 else text[:39] + "…")


def address(text: str) -> str:
    """Where a webhook posts to: a reference, or an address that anybody may read.

    Raises:
        PydanticCustomError: it is no http(s) address, or a piece of its path looks like a key.
    """
    if REFERENCE.fullmatch(text):
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise refuse(f"expected env:NAME, file:PATH or an http(s) address, not {quote(text)}")
    if any(_KEY.fullmatch(piece) for piece in parts.path.split("/")):
        raise refuse("part of this address looks like a key; write env:NAME or file:PATH")
    return text

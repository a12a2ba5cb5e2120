"""Words for why a call failed: the one place that turns an exception into text for people.

A library's own message may hold an address with a secret, and its class name is no word of the reader's: neither is shown.
"""

import socket
import ssl
from collections.abc import Iterator

INTERNAL, CLOSED = "internal error, see the log", "connection closed"
_OURS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "DNS lookup failed"),
    (ssl.SSLCertVerificationError, "TLS certificate not accepted"),
    (ssl.SSLError, "TLS handshake failed"),
    (ConnectionRefusedError, "connection refused"),
    (ConnectionError, CLOSED),
    (TimeoutError, "no answer in time"),
    (PermissionError, "permission denied"),
    (FileNotFoundError, "file not found"),
    (IsADirectoryError, "it is a directory"),
    (UnicodeError, "text that is not UTF-8"),
    (MemoryError, "out of memory"),
)
_NAMED: tuple[tuple[str, str], ...] = (
    ("timeout", "no answer in time"),
    ("timedout", "no answer in time"),
    ("dns", "DNS lookup failed"),
    ("proxy", "the proxy refused"),
    ("certificate", "TLS certificate not accepted"),
    ("ssl", "TLS handshake failed"),
    ("credential", "credentials missing or refused"),
    ("token", "credentials missing or refused"),
    ("disconnect", CLOSED),
    ("protocol", CLOSED),
    ("closed", CLOSED),
    ("readerror", CLOSED),
    ("writeerror", CLOSED),
    ("payload", "unreadable answer"),
    ("decode", "unreadable answer"),
    ("zlib", "unreadable answer"),
    ("json", "unreadable answer"),
    ("invalidurl", "invalid address"),
    ("connect", "connection failed"),
    ("undefined", "it uses an unknown name"),
    ("security", "it does what is not allowed"),
    ("template", "an error in the template"),
)
"""Parts of the names that libraries give their exceptions (httpx, httpcore, aiohttp, aiosmtplib, botocore, jinja2)."""


def failure_words(error: BaseException, otherwise: str = INTERNAL) -> str:
    """A few words for why something failed: `DNS lookup failed`, `connection refused`, `no answer in time`.

    The cause that an exception was raised from is more exact than the exception itself, so it decides. `otherwise`: the words for an
    exception of no known kind; its class and message belong into the log.
    """
    causes = list(_chain(error, around=False))
    for chain in (causes, list(_chain(error, around=True))):
        for cause in reversed(chain):
            for kind, words in _OURS:
                if isinstance(cause, kind):
                    return words
    for cause in reversed(causes):
        name = type(cause).__name__.lower()
        for part, words in _NAMED:
            if part in name:
                return words
    system = next((cause.strerror for cause in reversed(causes) if isinstance(cause, OSError) and cause.strerror), "")
    return system or otherwise


def _chain(error: BaseException, *, around: bool) -> Iterator[BaseException]:
    """The exception and those that it was raised from, outermost first; `around`: also those that were being handled.

    A connection pool raises an error again `from None`: then what was being handled alone says why.
    """
    seen: set[int] = set()
    inner: BaseException | None = error
    while inner is not None and id(inner) not in seen:
        seen.add(id(inner))
        yield inner
        parts = inner.exceptions[:1] if isinstance(inner, BaseExceptionGroup) else ()
        inner = parts[0] if parts else inner.__cause__ or (inner.__context__ if around else None)

"""No exception's name reaches a reader: one function words failures, and nothing else in the program writes a class name."""

import ast
import asyncio
import builtins
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import botocore.exceptions
import httpx
import pytest

from bot.net.failures import INTERNAL, failure_words

BOT = Path(__file__).parents[2] / "bot"
LIBRARIES = (httpx, aiohttp, botocore.exceptions)
LOGS = ("_log", "log", "structlog")


def _classes() -> Iterator[type[BaseException]]:
    for module in (builtins, socket, ssl, asyncio, json, *LIBRARIES):
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, Exception) and not issubclass(found, ExceptionGroup):
                yield found


def _raised(kind: type[BaseException]) -> BaseException:
    """An exception of this class with a secret in it, made without its constructor, whose arguments differ."""
    made = kind.__new__(kind)
    made.args = ("https://user:secret@host.example/path",)
    return made


@pytest.mark.parametrize("kind", sorted(set(_classes()), key=repr))
def test_no_class_name_and_no_message_of_a_library_is_told(kind: type[BaseException]) -> None:
    words = failure_words(_raised(kind))
    assert words
    assert kind.__name__.lower() not in words.lower().split()
    assert "secret" not in words
    assert "Error" not in words
    assert "(" not in words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "DNS lookup failed"),
        (ConnectionRefusedError(111, "Connection refused"), "connection refused"),
        (ConnectionResetError(104, "reset"), "connection closed"),
        (TimeoutError(), "no answer in time"),
        (httpx.ConnectError("x"), "connection failed"),
        (httpx.ReadTimeout("x"), "no answer in time"),
        (httpx.RemoteProtocolError("x"), "connection closed"),
        (aiohttp.ServerDisconnectedError(), "connection closed"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (PermissionError(13, "Permission denied"), "permission denied"),
        (RuntimeError("https://user:secret@host.example"), INTERNAL),
        (ExceptionGroup("two", [ConnectionRefusedError(), OSError()]), "connection refused"),
    ],
)
def test_a_failure_is_told_in_words_of_the_field(error: BaseException, words: str) -> None:
    assert failure_words(error) == words


def _connect() -> None:
    try:
        raise socket.gaierror(-2, "Name or service not known")
    except OSError as cause:
        raise httpx.ConnectError("all attempts failed") from cause


def test_the_cause_is_more_exact_than_what_a_library_made_of_it() -> None:
    with pytest.raises(httpx.ConnectError) as caught:
        _connect()
    assert failure_words(caught.value) == "DNS lookup failed"


def _named_outside_logs(tree: ast.AST) -> Iterator[ast.AST]:
    """Every text that has the class or the representation of a caught exception in it, and that is no line of the log."""
    caught = {handler.name for handler in ast.walk(tree) if isinstance(handler, ast.ExceptHandler) and handler.name}
    logged = {id(part) for call in ast.walk(tree) if _is_log(call) for part in ast.walk(call)}
    for text in ast.walk(tree):
        if isinstance(text, ast.JoinedStr) and id(text) not in logged:
            for part in ast.walk(text):
                if isinstance(part, ast.Attribute) and part.attr == "__name__" and _of(part.value) & caught:
                    yield text
                if isinstance(part, ast.FormattedValue) and part.conversion == ord("r") and _of(part.value) & caught:
                    yield text
        elif isinstance(text, ast.BoolOp) and id(text) not in logged:
            names = [part for part in ast.walk(text) if isinstance(part, ast.Attribute) and part.attr == "__name__"]
            yield from (text for part in names if _of(part.value) & caught)


def _of(part: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(part) if isinstance(name, ast.Name)}


def _is_log(call: ast.AST) -> bool:
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and bool(_of(call.func) & set(LOGS))


def test_nothing_but_the_log_names_the_class_of_an_exception() -> None:
    found = [
        f"{file.relative_to(BOT.parent)}:{getattr(text, 'lineno', 0)}"
        for file in sorted(BOT.rglob("*.py"))
        for text in _named_outside_logs(ast.parse(file.read_text("utf-8")))
        if file.name not in TOKENS
    ]
    assert found == []


TOKENS = ("authentication.py",)
"""The reason why a token of Teams is refused goes to the log alone, never to the caller."""

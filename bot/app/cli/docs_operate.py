"""Tables for operators and newcomers: the log events and the packages, read from the source."""

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bot.app.cli.docs_tables import table

LEVELS = ("debug", "info", "warning", "error", "exception")
PACKAGES = "app web chat incidents audit delivery detection storage cards catalogue net model".split()  # noqa: SIM905
"""The packages of `bot`, in import order: each uses those after it, and never one before it."""

_SOURCE = Path(__file__).parents[2]


@cache
def log_events() -> dict[str, str]:
    """Every event that backstay logs, with its levels."""
    found: dict[str, set[str]] = {}
    for path in sorted(_SOURCE.rglob("*.py")):
        for name, level in _logged(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(name, set()).add("error" if level == "exception" else level)
    return {name: ", ".join(sorted(levels)) for name, levels in sorted(found.items())}


def _logged(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Event and level of each call such as `_log.warning("feed_read_failed", ...)`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=logger, attr=level), args=[ast.Constant(value=str(name)), *_]):
                if level in LEVELS and _is_logger(logger):
                    yield name, level


def _is_logger(value: ast.expr) -> bool:
    match value:
        case ast.Name(id="_log") | ast.Call(func=ast.Attribute(attr="get_logger")):
            return True
    return False


def events() -> list[str]:
    """The log events with their levels."""
    return list(table(("Event", "Level"), ((f"`{name}`", levels) for name, levels in log_events().items())))


def packages() -> list[str]:
    """The packages of `bot` in import order, each with the first paragraph of its docstring."""
    rows = []
    for name in PACKAGES:
        text = importlib.import_module(f"bot.{name}").__doc__ or ""
        rows.append((f"[`{name}`]({name}/__init__.py)", " ".join(text.strip().split("\n\n")[0].split())))
    return list(table(("Package", "What it does"), rows))

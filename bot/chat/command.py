"""Defines `@command`, which registers a command with its usage, its help and its role beside the function that answers."""

import importlib
import pkgutil
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import bot.chat.commands
from bot.cards.card import Card
from bot.chat.parsing import Typed, free_text
from bot.model import Caller, Role
from bot.model.backend import Backend


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a command: the words and options after its name, the caller, and the time (UTC).

    `fields`: the values of a submitted form by field name; empty where no form was submitted. `typed`: the words as they were
    typed.
    """

    words: tuple[str, ...]
    options: Mapping[str, str]
    caller: Caller
    now: datetime
    role: Role = Role.VIEWER
    fields: Mapping[str, str] = field(default_factory=dict)
    typed: tuple[Typed, ...] = ()

    def text_from(self, position: int) -> str:
        """The text from this word on, from 0, as it was typed: with apostrophes, quotes and line breaks, without options."""
        return free_text(self.typed, position) if self.typed else " ".join(self.words[position:])

    @property
    def subject(self) -> str:
        """All words as one name: `payment api` for `scorecard payment api`."""
        return " ".join(self.words)

    @property
    def page(self) -> int | None:
        """The requested page, from 1; None where no page was given.

        Raises:
            UsageError: it is not a number from 1.
        """
        if "page" not in self.options:
            return None
        value = self.options["page"]
        if not value.isascii() or not value.isdigit() or not 1 <= len(value) <= 6 or int(value) < 1:
            raise UsageError(f"page={value} is not a page number. Example: page=2")
        return int(value)


Answer = Callable[[Call, Backend], AsyncGenerator[Card, None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command. `answer` yields progress cards, then the answer. `options`: the `key=value` keys that it takes.

    `form`: the word alone opens a form.
    """

    word: str
    usage: str
    summary: str
    example: str
    role: Role
    slow: bool
    answer: Answer = field(repr=False)
    options: tuple[str, ...] = ()
    form: bool = False


class UsageError(Exception):
    """The command line is invalid; the message says what was expected."""


class FieldErrors(Exception):  # noqa: N818 - it is several of them
    """Values of a submitted form are invalid. `errors`: field name -> a sentence; `form`: the form with errors and values.

    A chat shows each sentence beside its field where it can, else it shows `form`.
    """

    def __init__(self, errors: Mapping[str, str], form: Card) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors, self.form = errors, form


class UnknownNameError(Exception):
    """No service, check or scope has this name. `tries`: (name, complete command line) of the nearest ones, nearest first.

    `problem`: what is wrong, where it is not just that nothing has the name.
    """

    def __init__(self, kind: str, name: str, tries: tuple[tuple[str, str], ...], problem: str = "") -> None:
        super().__init__(problem or f"No {kind} is called {name!r}.")
        self.kind, self.name, self.tries = kind, name, tries


_REGISTRY: dict[str, Command] = {}


def command(  # noqa: PLR0913 - everything about a command, by keyword
    *,
    word: str,
    summary: str,
    example: str,
    usage: str = "",
    role: Role = Role.VIEWER,
    slow: bool = False,
    options: tuple[str, ...] = (),
    form: bool = False,
) -> Callable[[Answer], Answer]:
    """Register an async generator of cards as a command.

    Args:
        word: the command word, in lower case.
        summary: one imperative sentence for the help.
        example: a complete line, without the bot's name.
        usage: its arguments: `<service>`, `[service] [page=N]`.
        role: who may use it.
        slow: it may take longer than a few seconds.
        options: the `key=value` keys it takes.
        form: the word alone opens a form.
    """

    def register(answer: Answer) -> Answer:
        _REGISTRY[word] = Command(word, usage, summary, example, role, slow, answer, options, form)
        return answer

    return register


@cache
def commands() -> Mapping[str, Command]:
    """Every command by its word, in alphabetical order. Importing a module of this package registers its command."""
    for module in pkgutil.iter_modules(bot.chat.commands.__path__):
        importlib.import_module(f"bot.chat.commands.{module.name}")
    return {word: _REGISTRY[word] for word in sorted(_REGISTRY)}

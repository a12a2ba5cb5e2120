"""@command: what a command is called, how it is used and who may use it, said once, beside the function that answers."""

import importlib
import pkgutil
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import bot.chat.commands
from bot.cards.card import Card
from bot.model import Caller, Role
from bot.model.backend import Backend


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a command: the words and options after its name, who asks, and when (UTC).

    `fields` is what was filled in where a form was submitted, by the names of its fields; empty where none was.
    """

    words: tuple[str, ...]
    options: Mapping[str, str]
    caller: Caller
    now: datetime
    role: Role = Role.VIEWER
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """All words as one name: `scorecard payment api` asks for `payment api`."""
        return " ".join(self.words)

    @property
    def page(self) -> int | None:
        """The page asked for, from 1; None where none was.

        Raises:
            UsageError: it is not a number from 1 on.
        """
        if "page" not in self.options:
            return None
        value = self.options["page"]
        if not value.isascii() or not value.isdigit() or not 1 <= len(value) <= 6 or int(value) < 1:
            raise UsageError(f"page={value} is not a page: write a number, for example page=2")
        return int(value)


Answer = Callable[[Call, Backend], AsyncGenerator[Card, None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command. Cards before the last are progress, the last one is the answer. `options` are the keys it knows.

    `form`: its word alone answers with a form.
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
    """The command cannot be understood as it was typed; the message says what was expected."""


class FieldErrors(Exception):  # noqa: N818 - it is several of them
    """What was filled in cannot be taken as it is. `errors`: a sentence for each field by its name; `form`: the form again.

    A chat shows the sentences beside the fields where it can; the card in `form` has them, and what was filled in, already.
    """

    def __init__(self, errors: Mapping[str, str], form: Card) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors, self.form = errors, form


class UnknownNameError(Exception):
    """No service, check or scope is called so. `tries`: complete command lines with the nearest names, nearest first."""

    def __init__(self, kind: str, name: str, tries: tuple[tuple[str, str], ...]) -> None:
        super().__init__(f"No {kind} is called {name!r}.")
        self.kind, self.name, self.tries = kind, name, tries


_REGISTRY: dict[str, Command] = {}


def command(  # noqa: PLR0913 - what a command says of itself, all by keyword
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
    """Make an async generator of cards a command.

    Args:
        word: what is typed first, lower case.
        summary: one sentence for the help.
        example: a whole line, without the bot's name.
        usage: its arguments: `<service>`, `[service] [page=N]`.
        role: who may use it.
        slow: it may take longer than a few seconds.
        options: the `key=value` keys it takes.
        form: its word alone answers with a form.
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

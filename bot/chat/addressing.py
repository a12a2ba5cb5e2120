"""Removes what people put before a command to address the bot: `@backstay:`, `/resilience`, its name once or several times."""

import unicodedata
from collections.abc import Sequence

from bot.chat.command import Command, commands
from bot.chat.parsing import Typed, words

_NAMES = frozenset({"backstay", "resilience"})
_AROUND = "/@<>*_~`-–—"


def addressed(typed: Sequence[Typed], prefix: str = "") -> tuple[Typed, ...]:
    """The words from the command on. `prefix`: how the bot is called where the line was typed (`/resilience`, `@backstay`).

    A name of the bot without a mark before it (`backstay scorecard`) counts as well, as long as no command is called so.
    A whole line in quotes, as it is copied from a text, counts without them.
    """
    rest = tuple(typed)
    names = {*_NAMES, _bare(prefix)} - {""} - commands().keys()
    while rest and (not rest[0].text or _bare(rest[0].text) in names):
        rest = rest[1:]
    if len(rest) == 1 and rest[0].inner != rest[0].raw.strip():
        inside = addressed(words(rest[0].inner), prefix)
        return inside if inside and command_called(inside[0].text) else rest
    return rest


def names_bot(line: str) -> bool:
    """Whether a line begins with the bot's name as it is typed where no mention was chosen: `@backstay scorecard`."""
    first = next((word.text for word in words(line) if word.text), "")
    return first.startswith("@") and _bare(first) in _NAMES


def command_called(word: str) -> Command | None:
    """The command of this word, in any case, with a slash or marks around it; None where there is none."""
    return commands().get(_bare(word))


def _bare(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip(_AROUND + ".,:;!?").casefold()

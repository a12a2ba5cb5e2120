"""References to secrets (`env:NAME`, `file:PATH`) -> the secrets, as late as they are needed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from bot.catalogue import ConfigError, ConfigProblem, PathSteps
from bot.catalogue.problems import spell
from bot.catalogue.read import scalars
from bot.catalogue.resolve import anchored
from bot.catalogue.secrets import REFERENCE
from bot.catalogue.yaml_source import Document

MAX_SECRET_BYTES = 65_536
_OF_THEIR_OWN = ("audiences", "services", "monitors", "rehearsals")
"""Sections whose missing secrets cost a route or a source, and not the start."""


@dataclass(frozen=True, slots=True)
class SecretReference:
    """A reference in the settings: `where` it is (`slack.bot_token`), in which file and line, or in which variable."""

    reference: str
    file: str
    line: int
    column: int
    where: str


def references_in(
    document: Document, file: str, beside: Path, variables: Mapping[PathSteps, str]
) -> Iterator[SecretReference]:
    """The references that a start needs, of the file and of `variables` (path -> name) above it."""
    for path, value in scalars(document.data):
        if path[0] in _OF_THEIR_OWN or not REFERENCE.fullmatch(value) or path in variables:
            continue
        found = anchored(value, beside) if value.startswith("file:") else value
        _, line, column = document.place(path)
        yield SecretReference(found, file, line, column, spell(path))


def require(references: Collection[SecretReference], env: Mapping[str, str]) -> None:
    """Make sure that all of these can be had.

    Raises:
        ConfigError: with every one that cannot, by its setting and line. No value is shown.
    """
    problems = []
    for item in references:
        try:
            secret(item.reference, env)
        except ConfigError as error:
            problems += [
                replace(problem, file=item.file, line=item.line, column=item.column, where=item.where)
                for problem in error.problems
            ]
    if problems:
        raise ConfigError(problems)


def secret(reference: str, env: Mapping[str, str]) -> SecretStr:
    """What a reference (`env:NAME`, `file:PATH`) leads to. Surrounding blanks and the last line feed are dropped.

    Raises:
        ConfigError: the variable is not set, the file cannot be read, or there is nothing in it. No value is shown.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = env.get(name, "").strip()
        if not value:
            raise ConfigError([ConfigProblem(f"env:{name}", 0, 0, "", f"variable {name} is not set or is empty")])
        return SecretStr(value)
    if kind != "file":
        raise ConfigError([ConfigProblem("a secret", 0, 0, "", "must be a reference: env:NAME or file:PATH")])
    try:
        with Path(name).expanduser().open(encoding="utf-8") as file:
            value = file.read(MAX_SECRET_BYTES + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError([ConfigProblem(reference, 0, 0, "", f"cannot read the file: {said}")]) from None
    if not value or len(value) > MAX_SECRET_BYTES:
        raise ConfigError([ConfigProblem(reference, 0, 0, "", "the file is empty or longer than 64 KiB")])
    return SecretStr(value)

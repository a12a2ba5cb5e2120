"""Options that several commands share, and the settings they lead to."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.app.cli.terminal import fail

if TYPE_CHECKING:
    from bot.app.settings import Settings


class Format(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    JUNIT = "junit"
    SARIF = "sarif"
    OSCAL = "oscal"


_SHORT = {"md": Format.MARKDOWN, "txt": Format.TEXT, "htm": Format.HTML, "xml": Format.JUNIT}


def formats(*allowed: Format) -> Any:
    """The option `--format` of a command that writes these; `md` means markdown."""

    def parse(value: str) -> Format:
        word = str(value).lower()
        found = _SHORT.get(word) or next((form for form in allowed if form == word), None)
        if found not in allowed:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(allowed)}")
        return found

    def complete(incomplete: str) -> Iterator[str]:
        return (form.value for form in allowed if form.startswith(incomplete))

    return typer.Option(
        "--format",
        "-f",
        metavar="|".join(allowed),
        parser=parse,
        autocompletion=complete,
        help="How to write the answer.",
    )


TextOrJson = Annotated[Format, formats(Format.TEXT, Format.JSON)]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="The settings file; else $BACKSTAY_CONFIG, else ./backstay.yaml if it exists.",
        dir_okay=False,
    ),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", dir_okay=False)]
Profile = Annotated[str, typer.Option(help="AWS profile, from the AWS configuration files.")]
Regions = Annotated[
    list[str] | None, typer.Option(help="Read only these regions (repeat, or write a,b); else every enabled region.")
]


def settings(config: Path | None, profile: str = "", regions: list[str] | None = None) -> "Settings":
    """The settings, overridden by what the command line says.

    Raises:
        ConfigError: with every mistake found.
    """
    from bot.app.settings import load

    return _overridden(load(config, {**os.environ, "AWS_PROFILE": profile} if profile else None), profile, regions)


def settings_of_account(profile: str, regions: list[str] | None) -> "Settings":
    """Settings without any backstay.yaml: the account alone."""
    from bot.app.settings import load

    env = {name: value for name, value in os.environ.items() if name != "BACKSTAY_CONFIG"}
    return _overridden(load(Path(os.devnull), env), profile, regions)


def ledger_address(where: str = "", config: Path | None = None) -> str:
    """The ledger that is named, perhaps by a reference to a secret (`env:NAME`); else that of the settings.

    Raises:
        ConfigError: the reference, or the settings, are invalid.
    """
    from bot.app.settings import secret
    from bot.catalogue.secrets import is_reference

    if not where:
        return str(settings(config).ledger_address())
    return secret(where, os.environ).get_secret_value() if is_reference(where) else where


def names_in(values: list[str] | None) -> tuple[str, ...]:
    """The names of a repeated option, each of which may hold several with commas between."""
    return tuple(name.strip() for value in values or [] for name in value.split(",") if name.strip())


def duration_of(option: str, text: str, *, longest: timedelta = timedelta(days=3660)) -> timedelta:
    """What an option says as a duration.

    Raises:
        typer.Exit: it is no duration, or not above zero and up to `longest` (code 2).
    """
    from bot.catalogue import duration

    try:
        found = duration(text)
    except ValueError:
        fail(f"{option} {text!r} is no duration", "Write 60s, 90m, 24h or 7d")
    if not timedelta(0) < found <= longest:
        fail(f"{option} {text} is out of range: at most {longest.days} days", "Write 60s, 90m, 24h or 7d")
    return found


def _overridden(made: "Settings", profile: str, regions: list[str] | None) -> "Settings":
    changed: dict[str, object] = {}
    if profile:
        changed["profile"] = profile
    if named := names_in(regions):
        changed["regions"] = named
        changed["regions_are_all"] = made.aws.regions_are_all and set(made.aws.regions) <= set(named)
    return replace(made, aws=made.aws.model_copy(update=changed)) if changed else made

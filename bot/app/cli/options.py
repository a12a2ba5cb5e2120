"""Options that several commands share, and the settings they lead to."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.app.settings import Settings

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="backstay.yaml; else BACKSTAY_CONFIG, else ./backstay.yaml if there is one."),
]
Profile = Annotated[str, typer.Option(help="Profile of AWS's configuration files.")]
Regions = Annotated[
    list[str] | None, typer.Option(help="Only these regions (repeat, or write a,b); else all that are enabled.")
]


def settings(config: Path | None, profile: str = "", regions: list[str] | None = None) -> "Settings":
    """The settings, with what the command line says above them.

    Raises:
        ConfigError: with every mistake found.
    """
    from bot.app.settings import load

    return _over(load(config, {**os.environ, "AWS_PROFILE": profile} if profile else None), profile, regions)


def settings_of_account(profile: str, regions: list[str] | None) -> "Settings":
    """Settings without any backstay.yaml: the account alone, as for a first look at it."""
    from bot.app.settings import load

    env = {name: value for name, value in os.environ.items() if name != "BACKSTAY_CONFIG"}
    return _over(load(Path(os.devnull), env), profile, regions)


def _over(made: "Settings", profile: str, regions: list[str] | None) -> "Settings":
    named = tuple(name.strip() for word in regions or [] for name in word.split(",") if name.strip())
    changed: dict[str, object] = {}
    if profile:
        changed["profile"] = profile
    if named:
        changed["regions"] = named
    return replace(made, aws=made.aws.model_copy(update=changed)) if changed else made

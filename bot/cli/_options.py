"""Options that several commands share, and the settings they lead to."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.settings import Settings

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
    from bot.settings import load

    made = load(config)
    named = tuple(name.strip() for word in regions or [] for name in word.split(",") if name.strip())
    changed: dict[str, object] = {}
    if profile:
        changed["profile"] = profile
    if named:
        changed["regions"] = named
    return replace(made, aws=made.aws.model_copy(update=changed)) if changed else made

"""`backstay init`: writes a first backstay.yaml, from the account's resources or from Backstage's catalogue."""

from pathlib import Path
from typing import Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors, fail, progress, run, write


def init(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write; - prints it.", allow_dash=True, dir_okay=False)
    ] = Path("backstay.yaml"),
    backstage: Annotated[
        Path | None,
        typer.Option(help="Start from this catalog-info.yaml instead of the account.", exists=True, dir_okay=False),
    ] = None,
    organisation: Annotated[str, typer.Option(help="The name of your organisation.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    profile: options.Profile = "",
    regions: options.Regions = None,
) -> None:
    """Write a commented backstay.yaml from the AWS account's resources, or from Backstage entities.

    Guesses are marked.
    """
    printed = str(output) == "-"
    if not printed and output.exists() and not force:
        fail(f"{output} already exists; it was not changed", "Name another file with --output, or add --force")
    with clear_errors():
        text = _from_backstage(backstage, organisation) if backstage else _from_account(organisation, profile, regions)
    write(text, None if printed else output)


def _from_backstage(path: Path, organisation: str) -> str:
    from bot.audit.bootstrap import catalogue_from_backstage

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path} cannot be read: {error}")
    return catalogue_from_backstage(text, str(path), organisation=organisation)


def _from_account(organisation: str, profile: str, regions: list[str] | None) -> str:
    from bot.app.wiring.audit import aws
    from bot.audit.bootstrap import catalogue_from_facts

    settings = options.settings_of_account(profile, regions)
    with progress("reading") as report:
        found = run(aws(settings).collect((), report))
    return catalogue_from_facts(found.facts, organisation=organisation)

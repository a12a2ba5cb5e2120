"""`backstay manifest`: what Slack and Teams are told about the app, for those who install it there."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors, console, fail, write


class Platform(StrEnum):
    """Where the app is installed."""

    SLACK = "slack"
    TEAMS = "teams"


def manifest(
    platform: Annotated[Platform, typer.Argument(help="Where the app is to be installed.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; for Teams a .zip is the whole app package.")
    ] = None,
    config: options.Config = None,
) -> None:
    """Write the app's manifest for Slack, or the app package for Teams, for these settings."""
    with clear_errors():
        settings = options.settings(config)
    url = settings.web.public_url
    if platform is Platform.SLACK:
        import yaml

        from bot.chat.slack.manifest import manifest as slack_manifest
        from bot.chat.slack.user_groups import group_ids

        where, groups = "" if settings.slack.over_socket else url, bool(group_ids(settings.named))
        made = slack_manifest(settings.slack.command, url=where, groups=groups)
        write(yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=100), output)
        return
    _teams(settings.teams.app_id, url, settings.organisation, output)


def _teams(app_id: str, url: str, organisation: str, output: Path | None) -> None:
    import json

    from bot.chat.teams.manifest import manifest as teams_manifest
    from bot.chat.teams.manifest import package

    if not app_id:
        console(stderr=True).print("teams.app_id is not set: the package cannot be uploaded as it is", markup=False)
    if output is None or output.suffix != ".zip":
        made = teams_manifest(app_id, url=url, organisation=organisation)
        write(json.dumps(made, indent=2, ensure_ascii=False), output)
        return
    try:
        output.write_bytes(package(app_id, url=url, organisation=organisation))
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror}", "Name a file in a folder that you may write to")
    console(stderr=True).print(f"written to {output}", markup=False)

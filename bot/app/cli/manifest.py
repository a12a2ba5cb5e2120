"""`backstay manifest`: what Slack, Teams and the clouds need to install the app: manifests and read-only roles."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import as_json, clear_errors, note, write


class Platform(StrEnum):
    """Where the app is installed, or what it reads."""

    SLACK = "slack"
    TEAMS = "teams"
    AWS = "aws"
    GCP = "gcp"
    AZURE = "azure"
    KUBERNETES = "kubernetes"


def manifest(
    platform: Annotated[
        Platform, typer.Argument(help="slack and teams: the app. The others: the role that reading needs.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="File to write; for Teams a .zip is the whole app package.", dir_okay=False
        ),
    ] = None,
    config: options.Config = None,
) -> None:
    """Print the Slack or Teams app manifest, or the read-only role for a cloud.

    The app manifests follow the settings: its command, its public address, its app id.
    """
    if role := _role(platform):
        return write(role, output)
    with clear_errors():
        settings = options.settings(config)
    url = settings.web.public_url
    if platform is Platform.SLACK:
        import yaml

        from bot.chat.slack.manifest import manifest as slack_manifest
        from bot.chat.slack.user_groups import group_ids

        where, groups = "" if settings.slack.over_socket else url, bool(group_ids(settings.named))
        made = slack_manifest(settings.slack.command, url=where, groups=groups)
        return write(yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=100), output)
    return _teams(settings.teams.app_id, url, settings.organisation, output)


def _role(platform: Platform) -> str:
    """The role that reading a cloud needs; empty for a chat platform."""
    if platform is Platform.AWS:
        from bot.app.iam_policy import policy

        return as_json(policy())
    if platform is Platform.GCP:
        from bot.audit.collectors.gcp.role import role_text

        return role_text()
    if platform is Platform.AZURE:
        from bot.audit.collectors.azure.role import role_text as azure_role_text

        return azure_role_text()
    if platform is Platform.KUBERNETES:
        from bot.audit.collectors.kubernetes.cluster_role import cluster_role_text

        return cluster_role_text()
    return ""


def _teams(app_id: str, url: str, organisation: str, output: Path | None) -> None:
    from bot.chat.teams.manifest import manifest as teams_manifest
    from bot.chat.teams.manifest import package

    if not app_id:
        note("teams.app_id is not set: Teams will not accept this package until it is")
    if output is None or output.suffix != ".zip":
        made = teams_manifest(app_id, url=url, organisation=organisation)
        return write(json.dumps(made, indent=2, ensure_ascii=False), output)
    return write(package(app_id, url=url, organisation=organisation), output)

"""`backstay docs`: writes the generated files and tables from the code, and checks that they are fresh."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.app.cli.terminal import note

ROOT = Path(__file__).parents[3]


def docs(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if a file is not fresh.")] = False,
) -> None:
    """Write the generated tables of the documentation, and the manifests, from the code."""
    stale = [(path, text) for path, text in _documents() if not path.exists() or path.read_text("utf-8") != text]
    for path, text in stale:
        note(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.write_text(text, encoding="utf-8")
    if check:
        raise typer.Exit(1 if stale else 0)


def _documents() -> Iterator[tuple[Path, str]]:
    """Each generated file with the text that it should have."""
    from bot.app.cli import docs_checks, docs_commands, docs_coverage, docs_formats, docs_operate, docs_settings
    from bot.app.iam_policy import policy
    from bot.audit.collectors.azure.role import role_text as azure_role_text
    from bot.audit.collectors.gcp.role import role_text
    from bot.audit.collectors.kubernetes.cluster_role import cluster_role_text
    from bot.chat.slack.manifest import manifest
    from bot.chat.teams.manifest import manifest as teams_manifest

    yield ROOT / "manifest" / "slack.yaml", _yaml(manifest())
    teams = json.dumps(teams_manifest(), indent=2, ensure_ascii=False)
    yield ROOT / "manifest" / "teams" / "manifest.json", teams + "\n"
    yield ROOT / "manifest" / "aws-read-only-policy.json", json.dumps(policy(), indent=2) + "\n"
    yield ROOT / "manifest" / "gcp-role.yaml", role_text()
    yield ROOT / "manifest" / "azure-role.json", azure_role_text()
    yield ROOT / "manifest" / "kubernetes-clusterrole.yaml", cluster_role_text()
    pages: tuple[tuple[str, Mapping[str, Callable[[], Sequence[str]]]], ...] = (
        (
            "checks/README.md",
            {"checks": docs_checks.checks, "score": docs_checks.score_rules, "example": docs_checks.example},
        ),
        (
            "checks/COVERAGE.md",
            {
                "read": docs_coverage.read_from_aws,
                "not_judged": docs_coverage.not_judged,
                "others": docs_coverage.others,
                "azure": partial(docs_coverage.others, "azure"),
                "azure_not_judged": partial(docs_coverage.not_judged, "azure"),
                "kubernetes": partial(docs_coverage.others, "kubernetes"),
                "kubernetes_files": partial(docs_coverage.files, "kubernetes"),
            },
        ),
        (
            "manifest/README.md",
            {
                "settings": docs_settings.settings,
                "commands": docs_commands.command_line,
                "chat": docs_commands.chat,
                "routes": docs_formats.routes,
                "feeds": docs_formats.feeds,
                "alerts": docs_formats.alerts,
                "monitors": docs_formats.monitors,
                "events": docs_operate.events,
            },
        ),
        ("bot/README.md", {"packages": docs_operate.packages}),
    )
    for path, tables in pages:
        yield ROOT / path, _filled(ROOT / path, tables)


def _filled(path: Path, tables: Mapping[str, Callable[[], Sequence[str]]]) -> str:
    """The text of a page, each `<!-- name -->` block filled from its function.

    Raises:
        ValueError: the page has no such block.
    """
    text = path.read_text(encoding="utf-8")
    for name, rows in tables.items():
        opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if opening not in text or closing not in text:
            raise ValueError(f"{path.relative_to(ROOT)} has no block {opening.strip()} ... {closing}")
        before, _, rest = text.partition(opening)
        _, _, after = rest.partition(closing)
        text = before + opening + "\n".join(rows()) + "\n" + closing + after
    return text


def _yaml(data: Mapping[str, Any]) -> str:
    import yaml

    head = "# Slack app manifest, written by `backstay docs`: create an app from it at https://api.slack.com/apps\n"
    return head + yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True, width=100)

"""The documentation names files that exist, fits its limits, and prints defaults that the settings accept."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.app.cli.docs_operate import PACKAGES, log_events
from bot.app.cli.docs_settings import SettingRow, sections, settings
from bot.app.settings import Settings, load
from bot.catalogue.types import duration, duration_text

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / name
    for name in (
        "README.md",
        "bot/README.md",
        "bot/storage/README.md",
        "bot/web/README.md",
        "manifest/README.md",
        "checks/README.md",
        "checks/COVERAGE.md",
    )
]
AT_MOST_LINES = 220
_PATH = re.compile(r"(?:bot|checks|tests|manifest|\.ci)/[\w./-]*|\w[\w-]*\.(?:toml|lock)")
_PLACEHOLDER = re.compile(r"NAME|[<>*{}]")

NEEDED: dict[str, dict[str, Any]] = {
    "monitors[]": {"kind": "prometheus", "url": "https://prometheus.example"},
    "portals[]": {"kind": "cortex", "token": "env:TOKEN"},
    "runbooks.sources[]": {"kind": "page"},
    "services[]": {"name": "checkout"},
    "services[].depends_on[]": {"on": "stripe"},
    "services[].deployments[]": {"on": "gcp/europe-west4"},
    "services[].drills[]": {"kind": "failover", "at": "2026-01-05", "attested_by": "ann"},
    "audiences.NAME.routes[].webhook": {"url": "env:HOOK"},
    "audiences.NAME.routes[].teams_workflow": {"url": "env:HOOK"},
    "audiences.NAME.routes[].email": {"to": "a@acme.example", "sender": "b@acme.example", "host": "smtp.acme.example"},
    "audiences.NAME.routes[].pagerduty": {"routing_key": "env:KEY"},
    "schedules[]": {"audience": "team"},
    "providers[]": {"name": "acme-pay"},
    "rehearsals.gremlin": {"key": "env:KEY", "team_id": "1"},
    "rehearsals.steadybit": {"token": "env:TOKEN"},
    "rehearsals.chaos_toolkit[]": {"path": "journal.json"},
    "rehearsals.hooks[]": {"name": "ci", "secret": "env:SECRET"},
    "hooks.sources[]": {"name": "prod", "format": "generic", "token": "env:TOKEN"},
    "watch.maintenance[]": {"about": "checkout", "cron": "0 2 * * SUN", "lasts": "3h"},
    "watch.microsoft365": {"tenant_id": "acme", "app_id": "1", "app_password": "env:PASSWORD"},
    "watch.synthetics.git[]": {"url": "https://git.example.com/team/shop.git"},
    "watch.synthetics.actions[]": {"repository": "acme/probe", "workflow": "probe.yml", "token": "env:TOKEN"},
    "watch.synthetics.gcp[]": {"region": "europe-west4", "bucket": "acme-probe", "name": "probe.txt"},
    "watch.synthetics.azure": {"tenant_id": "acme", "app_id": "1", "app_password": "env:PASSWORD"},
    "endpoints[]": {"url": "https://shop.acme.example", "about": "checkout"},
}
"""Keys that an entry needs beside the one that is written."""


def paths_in(page: Path) -> list[str]:
    """Every path of the repository that a page names in backticks."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    quoted = re.findall(r"`([^`]+)`", text)
    return [" ".join(words.split()) for words in quoted if _PATH.fullmatch(words.strip())]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = paths_in(page)
    missing = [path for path in named if not _PLACEHOLDER.search(path) and not (ROOT / path).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors_of(file)):
            broken.append(target)
    assert not broken


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_pages_name_files_at_all() -> None:
    assert [len(paths_in(page)) > least for page, least in zip(PAGES, (-1, 40, -1, 20, 3, 6, 0), strict=True)] == [
        True
    ] * 7


def test_readme_is_short() -> None:
    assert (ROOT / "README.md").read_text(encoding="utf-8").count("\n") <= AT_MOST_LINES


def rows_of_the_file() -> list[SettingRow]:
    """The rows with a default whose keys lie in mappings only, where one can be written alone."""
    return [row for _, _, rows in sections() for row in rows if row.default not in ("", "required")]


def written_back(row: SettingRow) -> dict[str, Any]:
    """A settings file that says nothing but this default, and what its list or name needs beside it."""
    value: Any = yaml.safe_load(row.default)
    steps = row.key.split(".")
    for index in range(len(steps) - 1, -1, -1):
        step, path = steps[index], ".".join(steps[: index + 1])
        if step == "NAME":
            value = {_name(path): value}
            continue
        value = {step.removesuffix("[]"): [_complete(path, value)] if step.endswith("[]") else _complete(path, value)}
    complete: dict[str, Any] = value
    return _with_names(complete)


def _name(path: str) -> Any:
    return 1 if path == "tiers.NAME" else "team"


def _complete(path: str, value: Any) -> Any:
    return {**NEEDED[path], **value} if path in NEEDED and isinstance(value, dict) else value


def _with_names(file: dict[str, Any]) -> dict[str, Any]:
    """The file with the service and the audience that its entries name."""
    services = file.get("services") or [{"name": "checkout"}]
    audiences = file.get("audiences") or {"team": [{"file": "-"}], "platform": [{"file": "-"}]}
    for team in audiences.values():
        if isinstance(team, dict):
            team.setdefault("routes", [{"file": "-"}])
    return {**file, "services": services, "audiences": audiences}


def settings_with(file: dict[str, Any], folder: Path) -> Settings:
    path = folder / "backstay.yaml"
    path.write_text(yaml.safe_dump(file), encoding="utf-8")
    return load(path, {})


@pytest.mark.parametrize("row", rows_of_the_file(), ids=lambda row: row.key)
def test_a_default_is_accepted_as_it_is_printed(row: SettingRow, tmp_path: Path) -> None:
    settings_with(written_back(row), tmp_path)


def test_defaults_written_back_change_nothing(tmp_path: Path) -> None:
    file: dict[str, Any] = {}
    for row in rows_of_the_file():
        section, _, key = row.key.rpartition(".")
        if "." in section or "[]" in row.key or "NAME" in row.key:
            continue
        (file.setdefault(section, {}) if section else file)[key] = yaml.safe_load(row.default)
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    told, silent = (
        settings_with(_with_names(file), tmp_path / "with"),
        settings_with(_with_names({}), tmp_path / "without"),
    )
    assert told.retention == silent.retention
    assert (told.aws, told.web, told.slack, told.teams) == (silent.aws, silent.web, silent.slack, silent.teams)
    assert (told.roles, told.hooks, told.audits) == (silent.roles, silent.hooks, silent.audits)
    assert told.watch.interval == silent.watch.interval
    assert told.watch.escalate_after == silent.watch.escalate_after


def examples() -> list[tuple[str, str]]:
    """Every YAML example of the pages, with its page."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for indent, block in re.findall(r"^( *)```yaml\n(.*?)^ *```", text, flags=re.DOTALL | re.MULTILINE):
            found.append((str(page.relative_to(ROOT)), re.sub(f"^{indent}", "", block, flags=re.MULTILINE)))
    return found


@pytest.mark.parametrize(("page", "example"), examples())
def test_examples_of_settings_are_accepted(page: str, example: str, tmp_path: Path) -> None:
    assert settings_with(_with_names(yaml.safe_load(example)), tmp_path).catalogue.entries, page


def test_there_are_examples() -> None:
    assert len(examples()) > 8


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=9999)))
def test_a_printed_duration_reads_back_as_itself(length: timedelta) -> None:
    whole = timedelta(seconds=int(length.total_seconds()))
    assert duration(duration_text(whole)) == whole


def test_the_reference_has_every_setting_and_no_iso_duration() -> None:
    text = "\n".join(settings())
    assert not re.search(r"`P(T?\d)", text)
    for key in (
        "retention",
        "watch.interval",
        "slack.command",
        "services[].depends_on[]",
        "audiences.NAME.routes[].webhook",
    ):
        assert f"`{key}`" in text
    assert "| `retention` | `400d` |" in text
    assert "| `watch.interval` | `30s` |" in text


def test_renamed_log_events_exist_under_their_new_names() -> None:
    page = (ROOT / "manifest" / "README.md").read_text(encoding="utf-8")
    table = page.partition("### Renamed events")[2].partition("## Settings reference")[0]
    pairs = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", table, flags=re.MULTILINE)
    assert len(pairs) > 30
    assert not [new for _, new in pairs if new not in log_events()]
    assert not [old for old, _ in pairs if old in log_events()]


def test_the_packages_are_drawn_whole_and_in_import_order() -> None:
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("layers = [")[2].partition("]")[0]
    order = re.findall(r"bot\.([a-z]+)", contract)
    assert [name for name in order if not name.startswith("_")] == list(PACKAGES)
    assert {folder.parent.name for folder in (ROOT / "bot").glob("*/__init__.py")} == set(PACKAGES)

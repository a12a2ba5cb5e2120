"""`backstay audit --plan` and `--manifests`: no account is read, no ledger is opened, and exit codes gate a pull request."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.builders.plans import DATABASE, block, change, plan, state
from typer.testing import CliRunner, Result

from bot.app.cli.app import app

ROOT = Path(__file__).parents[2]
OLD = {**DATABASE, "arn": "arn:aws:rds:us-east-1:123456789012:db:orders"}
ADDED = plan(
    change("aws_db_instance.orders", None, DATABASE, unknown=["arn"]), blocks=[block("aws_db_instance.orders")]
)
SAME = plan(change("aws_db_instance.orders", OLD, OLD))
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
"""
CATALOGUE = """\
organisation: Acme
services:
  - {name: checkout, tier: 1, resources: {tags: {service: shop}}, runbook: {url: https://runbooks.example.com/checkout}}
  - {name: elsewhere, tier: 1, resources: {tags: {service: other}}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BACKSTAY_CONFIG", raising=False)
    return tmp_path


def ran(*words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, ["--no-progress", "audit", *words], input=text)


def saved(folder: Path, body: Any, name: str = "plan.json") -> str:
    (folder / name).write_text(json.dumps(body), encoding="utf-8")
    return name


def test_a_plan_is_answered_without_settings_and_without_a_ledger(folder: Path) -> None:
    done = ran("--plan", saved(folder, ADDED))
    assert done.exit_code == 0, done.output
    assert "Score none -> " in done.stdout
    assert "ZN08 high" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["plan.json"]


def test_standard_input_is_a_plan_too() -> None:
    done = ran("--plan", "-", "--format", "json", text=json.dumps(SAME))
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert (document["added"], document["removed"], document["points"]) == ([], [], 0)
    assert document["file"] == "standard input"


@pytest.mark.parametrize("form", ["text", "json", "markdown", "junit", "sarif", "csv", "html"])
@pytest.mark.parametrize(
    "body", [ADDED, SAME, state(("aws_db_instance.orders", OLD)), plan()], ids=["new", "same", "state", "empty"]
)
def test_every_format_is_written(folder: Path, form: str, body: Any) -> None:
    done = ran("--plan", saved(folder, body), "--format", form, "--output", "out/report")
    assert done.exit_code == 0, done.output
    assert (folder / "out" / "report").stat().st_size > 0


def test_the_line_of_a_resource_is_found_beside_the_plan(folder: Path) -> None:
    (folder / "infra").mkdir()
    (folder / "infra" / "main.tf").write_text('# first\n\nresource "aws_db_instance" "orders" {\n}\n')
    done = ran("--plan", saved(folder, ADDED, "infra/plan.json"), "--format", "sarif")
    results = json.loads(done.stdout)["runs"][0]["results"]
    places = {
        result["locations"][0].get("physicalLocation", {}).get("artifactLocation", {}).get("uri") for result in results
    }
    assert "infra/main.tf" in places
    [zone] = [result for result in results if result["ruleId"] == "ZN08"]
    assert zone["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}


def test_the_line_in_a_local_module_is_found(folder: Path) -> None:
    (folder / "db").mkdir()
    (folder / "db" / "db.tf").write_text('resource "aws_db_instance" "orders" {}\n')
    inner = {"resources": [block("aws_db_instance.orders")]}
    body = plan(
        change('module.db["eu"].aws_db_instance.orders', None, DATABASE),
        module_calls={"db": {"source": "./db", "module": inner}},
    )
    assert "db/db.tf:1" in ran("--plan", saved(folder, body)).stdout


def test_the_services_of_the_settings_are_scored_and_only_those_in_the_plan(folder: Path) -> None:
    (folder / "backstay.yaml").write_text(CATALOGUE)
    done = ran("--plan", saved(folder, SAME), "--format", "json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert [service["name"] for service in document["after"]["services"]] == ["checkout"]
    assert "RB01" not in {finding["check"] for finding in document["kept"]}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--fail-on-new", "high"), 1, "the plan adds"),
        (("--fail-on-new", "HIGH"), 1, "of severity high or higher"),
        (("--fail-on-new", "critical"), 0, ""),
        (("--fail-under", "99"), 1, "is below 99"),
        (("--fail-under", "0"), 0, ""),
        (("--strict",), 0, ""),
        (("--fail-on-new", "huge"), 2, "unknown severity 'huge'"),
        (("--regions", "us-east-1,us-west-2"), 2, "--plan takes one region"),
        (("nosuch",), 2, "no service is called 'nosuch'"),
        (("orders", "--manifests", "gone.yaml"), 2, "gone.yaml: No such file"),
    ],
)
def test_exit_codes_gate_a_pull_request(folder: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = ran("--plan", saved(folder, ADDED), *words)
    assert done.exit_code == code, done.output
    assert said in done.output


def test_an_unchanged_plan_adds_nothing_of_any_severity(folder: Path) -> None:
    assert ran("--plan", saved(folder, SAME), "--fail-on-new", "low").exit_code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "bad.json: no valid JSON"), ('resource "a" "b" {}', "Terraform configuration (HCL)"), ("[]", "no plan")],
)
def test_another_file_ends_with_2_and_the_mend(folder: Path, content: str, said: str) -> None:
    (folder / "bad.json").write_text(content)
    done = ran("--plan", "bad.json")
    assert done.exit_code == 2
    assert said in done.output
    assert "terraform show -json" in done.output


def test_only_one_option_reads_standard_input() -> None:
    done = ran("--plan", "-", "--manifests", "-", text="{}")
    assert done.exit_code == 2
    assert "standard input can be read only once" in done.output


def test_fail_on_new_without_a_plan_is_refused() -> None:
    done = ran("--fail-on-new", "high")
    assert done.exit_code == 2
    assert "--fail-on-new needs --plan" in done.output


@pytest.mark.parametrize("path", ["k8s", "k8s/web.yaml", "-"])
def test_manifests_are_scored(folder: Path, path: str) -> None:
    (folder / "k8s").mkdir()
    (folder / "k8s" / "web.yaml").write_text(MANIFEST)
    (folder / "k8s" / "notes.txt").write_text("no manifest")
    done = ran("--manifests", path, "--format", "json", text=MANIFEST)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["schema"] == "backstay.scorecard/1"
    assert any(
        finding["provider"] == "kubernetes" for service in document["services"] for finding in service["findings"]
    )


def test_a_plan_and_manifests_are_scored_together(folder: Path) -> None:
    (folder / "web.yaml").write_text(MANIFEST)
    done = ran("--plan", saved(folder, ADDED), "--manifests", "web.yaml", "--format", "json")
    assert done.exit_code == 0, done.output
    names = {service["name"] for service in json.loads(done.stdout)["after"]["services"]}
    assert len(names) == 2


def test_a_folder_without_manifests_is_told(folder: Path) -> None:
    (folder / "empty").mkdir()
    done = ran("--manifests", "empty")
    assert done.exit_code == 2
    assert "no manifest in empty" in done.output


def test_a_plan_imports_neither_the_ledger_nor_a_cloud(folder: Path) -> None:
    heavy = (
        "sqlalchemy",
        "boto3",
        "botocore",
        "httpx",
        "aiohttp",
        "rich",
        "slack_sdk",
        "bot.app.settings",
        "bot.storage",
    )
    code = (
        "import sys\nfrom bot.app.cli.app import app\n"
        f"try:\n    app(['audit', '--plan', {saved(folder, ADDED)!r}])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=folder, check=True)  # noqa: S603
    assert done.stdout.splitlines()[-1] == "[]"

"""Plan files as tools write them, and files that are something else: each is told with its name and the mend."""

import json
import zipfile
from pathlib import Path

import pytest
from support.builders.plans import plan, state

from bot.audit.collectors.terraform.files import read_plan_file
from bot.model import UnusableError

BODY = json.dumps(plan())
STATE_4 = json.dumps({"version": 4, "terraform_version": "1.5.0", "lineage": "x", "resources": []})
STATE_3 = json.dumps({"version": 3, "terraform_version": "0.11.14", "modules": []})
LOG = json.dumps({"@level": "info", "@message": "Terraform 1.9.8"})
HCL = 'resource "aws_db_instance" "orders" {\n  multi_az = true\n}\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"], ids=str)
def test_a_plan_is_read_in_every_encoding_that_a_shell_writes(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(BODY.encode(encoding))
    assert read_plan_file(str(file)).body["terraform_version"] == "1.9.8"


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.2", "1.9"])
def test_versions_of_the_format_up_to_1_are_read(tmp_path: Path, version: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({**plan(), "format_version": version}))
    assert read_plan_file(str(file)).is_plan


def test_a_state_is_told_from_a_plan(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(state()))
    assert not read_plan_file(str(file)).is_plan


@pytest.mark.parametrize(
    ("content", "problem", "fix"),
    [
        (b"", "the file is empty", "terraform show -json"),
        (b"{", "no valid JSON: line 1, column 2", "terraform show -json"),
        (HCL.encode(), "Terraform configuration (HCL)", "terraform show -json"),
        (b"Terraform will perform the following actions:\n", "a plan as text", "terraform show -json"),
        (b"\xff\x00\x80nonsense", "neither UTF-8 nor UTF-16", "terraform show -json"),
        (b"[1, 2]", "no plan or state", "terraform show -json"),
        (b"{}", "without format_version", "terraform show -json"),
        (STATE_4.encode(), "a state file of version 4", "terraform show -json > state.json"),
        (STATE_3.encode(), "a state file of version 3", "needs Terraform 0.12"),
        (LOG.encode(), "the log of `terraform plan -json`", "terraform show -json"),
        (b'{"format_version": "2.0"}', "format_version 2.0 is not known", "Update backstay"),
        (b'{"format_version": "1.0", "planned_values": 3}', "planned_values is no object", "terraform show -json"),
        (b'{"a":' * 30_000, "nested too deeply", "terraform show -json"),
    ],
    ids=lambda part: part[:30].decode(errors="replace") if isinstance(part, bytes) else None,
)
def test_another_file_is_refused_by_name_with_the_mend(tmp_path: Path, content: bytes, problem: str, fix: str) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(content)
    with pytest.raises(UnusableError) as refused:
        read_plan_file(str(file))
    assert str(refused.value).startswith(f"{file}: "), str(refused.value)
    assert problem in str(refused.value)
    assert fix in refused.value.fix


def test_a_binary_plan_is_named_as_such(tmp_path: Path) -> None:
    file = tmp_path / "tfplan"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("tfplan", b"\x00")
    with pytest.raises(UnusableError, match="a binary plan file") as refused:
        read_plan_file(str(file))
    assert "terraform show -json PLAN" in refused.value.fix


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match=r"gone\.json: No such file"):
        read_plan_file(str(tmp_path / "gone.json"))


def test_a_file_beyond_the_limit_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    file = tmp_path / "huge.json"
    with file.open("wb") as made:
        made.truncate(257 << 20)
    with pytest.raises(UnusableError, match="larger than 256 MiB"):
        read_plan_file(str(file))

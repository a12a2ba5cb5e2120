import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from support.harness.command_line import CommandLine, command_line, example_account

from bot.app.demo.server import Denied, Script, example_aws
from bot.audit.export.contract import ScorecardDocument, WhatifDocument

CATALOGUE = """\
organisation: Acme
currency: EUR
services:
  - name: checkout
    tier: 1
    users: 400
    revenue_per_hour: 1000
    resources: {tags: {service: checkout}}
    depends_on: [login, stripe]
  - {name: login, tier: 1, users: 50, resources: {tags: {service: login}}}
  - name: storefront
    tier: 2
    users: 900
    revenue_per_hour: 600
    resources: {tags: {service: storefront}}
  - {name: recommendations, tier: 3, resources: {tags: {service: recommendations}}}
"""


async def test_one_audit_answers_everything(tmp_path: Path) -> None:
    async with example_account(tmp_path) as backstay:
        backstay.write(CATALOGUE)
        every = await _audits(backstay)
        await _filters(backstay, every)
        await _whatifs(backstay)
        await _reports(backstay)
        await _explains(backstay)


async def _audits(backstay: CommandLine) -> dict[str, Any]:
    ran = await backstay.run("audit", "--format", "json", "--output", "out/scorecard.json", "--fail-under", "99")
    assert ran.code == 1, ran.err
    assert "below 99" in ran.err
    assert ran.out == ""
    assert "reading: " in ran.err  # plain lines where there is no terminal
    told: dict[str, Any] = json.loads((backstay.folder / "out" / "scorecard.json").read_text())
    document = ScorecardDocument.model_validate(told)
    assert {service.name for service in document.services} == {"checkout", "login", "storefront", "recommendations"}
    assert document.low <= document.score <= document.high
    [gap] = [item for item in told["unread"] if item["region"] == "eu-west-1"]
    assert "access denied to secretsmanager:ListSecrets" in gap["reason"]
    unknown = [
        finding
        for service in told["services"]
        for finding in service["findings"]
        if finding["outcome"] == "unknown" and finding["region"] == "eu-west-1"
    ]
    assert unknown, "what could not be read is unknown, not absent"
    return told


async def _filters(backstay: CommandLine, every: dict[str, Any]) -> None:
    failed, unknown = await asyncio.gather(
        backstay.run("audit", "--format", "json", "--failed-only", "--severity", "critical,high"),
        backstay.run("audit", "--check", "RG0l"),
    )
    assert failed.code == 0, failed.err
    some = json.loads(failed.out)
    assert (some["score"], some["coverage"], some["caps"]) == (every["score"], every["coverage"], every["caps"])
    wanted = [
        [row for row in service["findings"] if row["outcome"] == "fail" and row["severity"] in {"critical", "high"}]
        for service in every["services"]
    ]
    for service, rows in zip(some["services"], wanted, strict=True):
        assert sorted(service["findings"], key=str) == sorted(rows, key=str)
    assert any(wanted)
    assert unknown.code == 2
    assert "unknown check 'RG0L'; did you mean 'RG0" in unknown.err


async def _whatifs(backstay: CommandLine) -> None:
    ran = await backstay.run("whatif", "aws/us-east-1", "--for", "10h", "--format", "json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    WhatifDocument.model_validate(told)
    fates = {service["name"]: service["outcome"] for service in told["services"]}
    expected = {"checkout": "down", "login": "down", "storefront": "fails_over", "recommendations": "unaffected"}
    assert fates == expected
    # 10 h of checkout; storefront fails over in the 11 minutes that its switch was last measured to take.
    assert told["cost"] == pytest.approx(10 * 1000 + 11 / 60 * 600, abs=0.01)
    assert told["users"] == 450
    [named, known] = [
        json.loads((await backstay.run("whatif", f"aws/us-east-1/{zone}", "--format", "json")).out)
        for zone in ("us-east-1a", "use1-az4")
    ]
    assert named == known, "a zone by the account's name for it and by its id"
    text = await backstay.run("whatif", "aws/us-east-1")
    assert text.code == 0
    assert "2 of 4 services expected down" in text.out
    assert "Based on the audit of" in text.out
    assert "\x1b[" in (await backstay.run("whatif", "aws/us-east-1", FORCE_COLOR="1")).out
    await _plain_in_a_file(backstay, "whatif", "aws/us-east-1")
    typo = await backstay.run("whatif", "aws/us-esat-1")
    assert typo.code == 2
    assert "did you mean 'aws/us-east-1'" in typo.err
    assert (await backstay.run("whatif", "aws//x")).code == 2
    assert (await backstay.run("whatif", "aws", "--for", "soon")).code == 2


async def _plain_in_a_file(backstay: CommandLine, *words: str) -> str:
    """FORCE_COLOR makes of any standard output a terminal; a file gets no colours all the same."""
    ran = await backstay.run(*words, "--output", "told.txt", FORCE_COLOR="1")
    assert ran.code == 0, ran.err
    told = (backstay.folder / "told.txt").read_text()
    assert "\x1b" not in told
    assert "Acme" in told or "service" in told
    return told


async def _reports(backstay: CommandLine) -> None:
    ran = await backstay.run("report", "--board", "--format", "json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["total"]["revenue"] == 1600
    assert {exposure["scope"] for exposure in told["exposures"]} >= {"aws", "aws/us-east-1", "stripe"}
    ran = await backstay.run("report", "--framework", "dora", "--format", "oscal")
    assert ran.code == 0, ran.err
    [result] = json.loads(ran.out)["assessment-results"]["results"]
    assert len(result["findings"]) == 14
    wrong = await backstay.run("report", "--framework", "doro")
    assert (wrong.code, "did you mean 'dora'" in wrong.err) == (2, True)


async def _explains(backstay: CommandLine) -> None:
    ran = await backstay.run("explain", "checkout")
    assert ran.code == 0, ran.err
    assert "capped at 59" in ran.out
    ran = await backstay.run("explain", "chekcout")
    assert ran.code == 2
    assert "did you mean 'checkout'" in ran.err
    assert "us-west-2" in (await backstay.run("explain", "rg01")).out
    told = json.loads((await backstay.run("explain", "checkout", "--format", "json")).out)
    assert told["schema"] == "backstay.explain/1"
    assert sum(family["points"] for family in told["families"]) == pytest.approx(told["before_caps"], abs=0.01)
    assert told["score"] == min([told["before_caps"], *(cap["at_most"] for cap in told["caps"])])


async def test_the_account_is_the_catalogue_where_nobody_wrote_one(tmp_path: Path) -> None:
    async with example_account(tmp_path) as backstay:
        ran = await backstay.run("audit", "--format", "csv", "--regions", "us-east-1,us-west-2")
        assert ran.code == 0, ran.err
        rows = list(csv.DictReader(io.StringIO(ran.out)))
        assert {row["service"] for row in rows} >= {"checkout", "payments", "reporting"}
        assert {row["region"] for row in rows if row["region"]} <= {"us-east-1", "us-west-2", "global"}
        proposed = await backstay.run("init")
        assert proposed.code == 0, proposed.err
        again = await backstay.run("init")
        assert again.code == 2
        assert "already exists; it was not changed" in again.err
        text = (tmp_path / "backstay.yaml").read_text()
        assert "# guess" in text
        assert "name: checkout" in text
        checkup = await backstay.run("doctor", "--within", "60s")
        assert checkup.code == 1, checkup.err
        assert "secretsmanager:ListSecrets" in checkup.out


async def test_one_service_and_one_check_in_a_file(tmp_path: Path) -> None:
    """What is read differs from a plan's, and no colours get into a file; `test_audit_files` has every format."""
    async with example_account(tmp_path) as backstay:
        backstay.write(CATALOGUE)
        words = ("audit", "login", "--check", "rg01", "--family", "region", "--regions", "us-east-1")
        said = await _plain_in_a_file(backstay, *words)
        assert "storefront" not in said
        _, _, lines = said.partition("findings:\n")
        assert lines.splitlines()
        assert all(line.split()[1] == "RG01" and " login: " in line for line in lines.splitlines())


def _refusing() -> Script:
    class Everything(dict[tuple[str, str, str], object]):
        def get(self, key: tuple[str, str, str], _: object = None) -> object:
            if key[1:] == ("sts", "GetCallerIdentity"):
                return {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/a", "UserId": "A"}
            if key[1:] == ("ec2", "DescribeRegions"):
                return {"Regions": [{"RegionName": "us-east-1", "OptInStatus": "opt-in-not-required"}]}
            return _refuse

    def _refuse(_: object) -> object:
        raise Denied("no permission at all")

    return Everything()  # type: ignore[return-value]  # a mapping that has an answer for every key


async def test_too_little_seen_is_no_score(tmp_path: Path) -> None:
    async with example_account(tmp_path, _refusing()) as backstay:
        backstay.write(CATALOGUE)
        strict = await backstay.run("audit", "--strict")
        assert strict.code == 3, strict.out + strict.err
        assert "no grade: only " in strict.err
        gate = await backstay.run("audit", "--fail-under", "0")
        assert gate.code == 1, "a gate never passes without a grade"


async def test_mistakes_end_with_two_and_name_the_fix(tmp_path: Path) -> None:
    async with example_aws({}) as url:
        backstay = command_line(tmp_path, url)
        backstay.write("services:\n  - {name: a, teir: 1}\n  - {name: b, depends_on: [aa]}\n")
        ran = await backstay.run("audit")
        assert ran.code == 2
        assert "backstay.yaml:2" in ran.err
        assert "did you mean 'tier'" in ran.err
        assert "backstay.yaml:3" in ran.err
        assert (await backstay.run("audit", "--config", "nowhere.yaml")).code == 2
        backstay.write(CATALOGUE)
        unknown = await backstay.run("audit", "chekout")
        assert unknown.code == 2
        assert "did you mean 'checkout'" in unknown.err
        nobody = await backstay.run("audit", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
        assert nobody.code == 2
        assert "credentials" in nobody.err
        (tmp_path / "bad.db").write_text("this is no database, but long enough to be read as one " * 40)
        corrupt = await backstay.run("audit", BACKSTAY_LEDGER=str(tmp_path / "bad.db"))
        assert corrupt.code == 2
        assert "bad.db" in corrupt.err
        for said in (ran, unknown, nobody, corrupt):
            assert "Traceback" not in said.err


async def test_what_needs_no_account(tmp_path: Path) -> None:
    backstay = command_line(tmp_path, "http://127.0.0.1:1")
    listed = await backstay.run("checks", "--format", "json")
    assert len(json.loads(listed.out)) >= 45
    assert "RG01" in (await backstay.run("checks", "--family", "region")).out
    assert (await backstay.run("checks", "--family", "regoin")).code == 2
    assert json.loads((await backstay.run("schema")).out)["title"] == "backstay.yaml"
    entity = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: pay}\nspec: {type: service, owner: money}\n"
    backstay.write(entity, "catalog-info.yaml")
    ran = await backstay.run("init", "--backstage", "catalog-info.yaml", "--output", "-")
    assert ran.code == 0, ran.err
    assert "name: pay" in ran.out


async def test_doctor_checks_chat_without_an_account(tmp_path: Path) -> None:
    backstay = command_line(tmp_path, "http://127.0.0.1:1")
    backstay.write(
        "slack: {bot_token: env:BOT, signing_secret: env:NOT_SET}\n"
        "teams: {app_id: 11111111-2222-3333-4444-555555555555, app_password: env:PASSWORD}\n"
    )
    ran = await backstay.run(
        "doctor", "--no-read", "--no-call", BOT="xoxb-made-up", PASSWORD="hidden-word", COLUMNS="200"
    )
    assert ran.code == 1, ran.err
    assert "slack.bot_token is set" in ran.out
    assert "NOT_SET is not set" in ran.out
    assert "teams.app_password is set" in ran.out
    assert "teams.tenant_id is not set" in ran.out
    assert "xoxb-made-up" not in ran.out
    assert "hidden-word" not in ran.out
    assert "Name people or groups under roles.responder" in ran.out
    assert "Name people or groups under roles.admin" in ran.out


async def test_the_demo_needs_nothing(tmp_path: Path) -> None:
    backstay = command_line(tmp_path, "http://127.0.0.1:1")
    ran = await backstay.run("demo")
    assert ran.code == 0, ran.err
    assert "Acme Stores: grade" in ran.out
    assert "If aws/us-east-1 is lost for 15 h" in ran.out
    for page in ("scorecard.html", "whatif.html"):
        assert f"written to backstay-demo/{page}" in ran.err
        assert (tmp_path / "backstay-demo" / page).read_text().startswith("<!doctype html>")
    assert ran.err.splitlines()[-1].endswith(" -m bot audit"), "as this test started it"

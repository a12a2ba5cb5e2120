"""`backstay doctor` names what fails by action, ends in time where AWS hangs, and says one verdict at the end."""

import json
from pathlib import Path

import pytest
from support.fakes.faulty_aws import ACCOUNT, FaultyAws
from support.harness.command_line import command_line
from support.harness.terminal_session import on_a_terminal

from bot.app.cli.doctor_account import lines_of
from bot.app.cli.doctor_line import Line, verdict
from bot.audit.collectors.aws.trial_record import NOT_TRIED
from bot.model import Collected
from checks import Gap


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([Line("ok", "ledger", "no audit so far")], "Verdict: nothing to fix"),
        ([Line("warning", "Slack", "not set up")], "Verdict: nothing to fix, 1 warning"),
        (
            [Line("warning", "AWS", "not tried in time: 3 listings", late=True)],
            "Verdict: nothing to fix so far, 1 warning, not everything was tried in time",
        ),
        (
            [Line("problem", "AWS", "the AWS token has expired"), Line("problem", "Slack", "x")],
            "Verdict: 2 to fix. First: AWS: the AWS token has expired",
        ),
    ],
)
def test_the_verdict_is_one_line(lines: list[Line], said: str) -> None:
    assert verdict(lines) == said


def failure(action: str, region: str, reason: str) -> Gap:
    return Gap("", "aws", ACCOUNT, region, reason, (), action)


def test_failures_are_grouped_by_action() -> None:
    regions = [f"region-{number}" for number in range(17)]
    gaps = [failure("backup:ListProtectedResources", at, "backup:ListProtectedResources failed: 404") for at in regions]
    gaps += [failure("sns:ListTopics", at, "access denied to sns:ListTopics") for at in regions[:2]]
    gaps += [failure(f"rds:Describe{name}", "region-1", f"rds:Describe{name} timed out") for name in "ABCD"]
    read = [("sqs:ListQueues", ACCOUNT, at) for at in regions]
    lines = [(line.state, line.about, line.detail) for line in lines_of(Collected([], gaps, read, (ACCOUNT,), 40))]
    assert lines[:5] == [
        ("ok", "AWS", f"account {ACCOUNT}: 1 action answered in 17 regions (40 calls)"),
        ("problem", "permissions", "sns:ListTopics: access denied in region-0 and region-1"),
        ("problem", "permissions", "grant them: `backstay manifest aws` prints the policy"),
        ("problem", "not read", "backup:ListProtectedResources: 404 in 17 regions"),
        (
            "problem",
            "not read",
            "4 actions: timed out in region-1: rds:DescribeA, rds:DescribeB, rds:DescribeC, rds:DescribeD",
        ),
    ]


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        ([failure("sqs:ListQueues", "r", "the AWS token has expired")] * 2, "the AWS token has expired. Sign in again"),
        ([failure("", at, NOT_TRIED) for at in "ab"], "not tried in time: 2 listings in 2 regions"),
        ([], "actions not tried: the account has nothing to try them on"),
    ],
)
def test_the_last_line_about_aws(gaps: list[Gap], said: str) -> None:
    assert said in list(lines_of(Collected([], gaps, (), (ACCOUNT,))))[-1].detail


async def test_what_hangs_ends_in_time_with_a_verdict(tmp_path: Path) -> None:
    async with FaultyAws({"sts:GetCallerIdentity": "hang"}).running() as url:
        backstay = command_line(tmp_path, url)
        ran = await backstay.run("doctor", "--no-call", "--within", "4s", "--format", "json")
    assert ran.code == 1, ran.err
    told = json.loads(ran.out)
    assert told["verdict"].startswith("Verdict: 1 to fix")
    assert "in time" in " ".join(line["detail"] for line in told["lines"] if line["about"] == "AWS")


async def test_on_a_terminal_the_verdict_comes_last(tmp_path: Path) -> None:
    backstay = command_line(tmp_path, "http://127.0.0.1:1")
    shown = await on_a_terminal(backstay, "doctor", "--no-read", "--no-call")
    assert "Verdict: nothing to fix" in shown.text.splitlines()[-1]
    assert shown.code == 0

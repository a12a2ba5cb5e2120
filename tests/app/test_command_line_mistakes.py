"""What goes wrong on the command line before or beside the answer: each reported plainly, before anything is read in vain."""

from pathlib import Path

from support.harness.command_line import command_line, example_account

from bot.app.demo.server import Script

EMPTY: Script = {
    ("", "sts", "GetCallerIdentity"): {
        "Account": "111122223333",
        "Arn": "arn:aws:iam::111122223333:user/a",
        "UserId": "A",
    },
    ("", "ec2", "DescribeRegions"): {"Regions": [{"RegionName": "us-east-1", "OptInStatus": "opt-in-not-required"}]},
}
GHOST = """\
services:
  - {name: ghost, tier: 1, resources: {tags: {service: gohst}}}
  - {name: login, resources: {tags: {service: login}}}
"""


async def test_an_account_without_anything(tmp_path: Path) -> None:
    async with example_account(tmp_path, EMPTY) as backstay:
        ran = await backstay.run("audit", "--strict")
        assert ran.code == 3
        assert "backstay: nothing found in " in ran.err
        assert "of account 111122223333" in ran.err
        named = await backstay.run("audit", "checkout")
        assert named.code == 2
        assert "no service is called 'checkout'" in named.err
        assert "Traceback" not in ran.err + named.err


async def test_a_selector_that_finds_nothing_is_told(tmp_path: Path) -> None:
    async with example_account(tmp_path) as backstay:
        backstay.write(GHOST)
        ran = await backstay.run("audit", "ghost", "--regions", "us-east-1,eu-west-1")
        assert ran.code == 0
        assert "no resources found for ghost: no resource matches tags service=gohst" in ran.err
        assert "not read: access denied to secretsmanager:ListSecrets (1 place)" in ran.err
        assert "no grade, coverage too low" in ran.out


async def test_an_answer_that_cannot_be_put_down_is_told_before_the_reading(tmp_path: Path) -> None:
    backstay = command_line(tmp_path, "http://127.0.0.1:1")
    (tmp_path / "file").write_text("")
    ran = await backstay.run("audit", "--output", "file/below")
    assert ran.code == 2
    assert "cannot write file/below" in ran.err


async def test_an_address_that_is_none(tmp_path: Path) -> None:
    ran = await command_line(tmp_path, "not-a-url").run("audit")
    assert ran.code == 2
    assert "Invalid endpoint: not-a-url" in ran.err
    assert "AWS_ENDPOINT_URL" in ran.err
    assert "Traceback" not in ran.err

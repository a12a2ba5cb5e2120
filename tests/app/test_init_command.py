"""`backstay init` asks on a terminal, takes flags in a pipe, and says why an account gives little."""

from pathlib import Path

import pytest
import typer
from support.builders.facts import network, queue
from support.fakes.faulty_aws import ACCOUNT, FaultyAws
from support.harness.command_line import CommandLine, command_line
from support.harness.terminal_session import on_a_terminal

from bot.app.cli.init import say_what_is_missing
from bot.app.settings import Settings, load
from bot.model import Collected
from checks import Fact, Gap

ENTITY = (
    "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: pay}\nspec: {type: service, owner: money}\n"
)


def backstage(folder: Path) -> CommandLine:
    backstay = command_line(folder, "http://127.0.0.1:1")
    backstay.write(ENTITY, "catalog-info.yaml")
    return backstay


def written(folder: Path) -> Settings:
    return load(folder / "backstay.yaml", {})


async def test_flags_name_whom_to_notify_in_a_pipe(tmp_path: Path) -> None:
    ran = await backstage(tmp_path).run(
        *("init", "--backstage", "catalog-info.yaml", "--organisation", "Acme", "--slack", "ops"),
        *("--audience", "on-call", "--responder", "U0123ABCD,S0123GROUP"),
    )
    assert ran.code == 0, ran.err
    made = written(tmp_path)
    assert [route.name for route in made.catalogue.audiences["on-call"].routes] == ["slack:#ops"]
    assert made.roles.responder == ("slack:U0123ABCD", "slack:S0123GROUP")
    assert made.catalogue.organisation == "Acme"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--audience", "ops"), "audience ops has no route"),
        (("--slack", "#ops", "--responder", "@jane"), "is no id of a person or group"),
    ],
)
async def test_what_is_missing_ends_with_two_and_no_file(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    ran = await backstage(tmp_path).run("init", "--backstage", "catalog-info.yaml", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not (tmp_path / "backstay.yaml").exists()


async def test_a_terminal_is_asked(tmp_path: Path) -> None:
    shown = await on_a_terminal(
        backstage(tmp_path),
        *("init", "--backstage", "catalog-info.yaml"),
        answers=[
            ("Name of your organisation", "Acme"),
            ("slack or teams", "teams"),
            ("first audience", ""),
            ("Teams channel", "Platform / General"),
            ("acknowledge and broadcast", "6f4e0c7a-1111-2222-3333-444444444444"),
        ],
    )
    assert shown.code == 0, shown.text
    made = written(tmp_path)
    assert [route.name for route in made.catalogue.audiences["platform"].routes] == ["teams:Platform / General"]
    assert made.roles.responder == ("teams:6f4e0c7a-1111-2222-3333-444444444444",)
    again = await on_a_terminal(backstage(tmp_path), "init", "--backstage", "catalog-info.yaml")
    assert again.code == 2, "an existing file ends it before any question"
    assert "already exists; it was not changed" in again.text


def unread(reason: str) -> Gap:
    return Gap("aws_queues", "aws", ACCOUNT, "us-east-1", reason, (), "sqs:ListQueues")


PLACES = [
    ("aws_queues", ACCOUNT, "us-east-1"),
    ("aws_queues", ACCOUNT, "us-west-2"),
    ("aws_buckets", ACCOUNT, "global"),
]


@pytest.mark.parametrize(
    ("facts", "gaps", "said"),
    [
        ([], [unread("access denied to sqs:ListQueues")], "1 action could not be read, so services may be missing"),
        ([], [], f"nothing found in 2 regions of account {ACCOUNT}"),
        ([network("default")], [], f"nothing found in 2 regions of account {ACCOUNT}"),
        ([queue("jobs")], [], ""),
    ],
)
def test_why_an_account_gives_little(
    capsys: pytest.CaptureFixture[str], facts: list[Fact], gaps: list[Gap], said: str
) -> None:
    say_what_is_missing(Collected(facts, gaps, PLACES, (ACCOUNT,)))
    assert (said in capsys.readouterr().err) if said else capsys.readouterr().err == ""


def test_a_token_that_expires_meanwhile_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        say_what_is_missing(Collected([queue("jobs")], [unread("the AWS token has expired")], PLACES, (ACCOUNT,)))
    assert ended.value.exit_code == 2
    assert "nothing was written: the AWS token has expired" in capsys.readouterr().err


async def test_an_expired_token_writes_nothing(tmp_path: Path) -> None:
    async with FaultyAws({"sts:GetCallerIdentity": "expired"}).running() as url:
        ran = await command_line(tmp_path, url).run("init", "--regions", "us-east-1")
    assert (ran.code, ran.out) == (2, "")
    assert "the AWS token has expired" in ran.err
    assert not (tmp_path / "backstay.yaml").exists()

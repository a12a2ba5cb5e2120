"""How every command behaves: help, version, start time, quiet, encodings, pipes, terminals, names of formats, completion."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from support.harness.command_line import ROOT, CommandLine, command_line
from typer.main import get_command

from bot import __version__
from bot.app.cli.app import COMMANDS, app
from bot.app.cli.help import command_summaries
from bot.app.cli.invocation import command

HEAVY = (
    "alembic",
    "asyncio",
    "boto3",
    "botocore",
    "httpx",
    "pydantic",
    "rich",
    "slack_sdk",
    "sqlalchemy",
    "structlog",
    "typer.rich_utils",
    "yaml",
    "bot.catalogue",
    "bot.model",
)


@pytest.fixture
def backstay(tmp_path: Path) -> CommandLine:
    return command_line(tmp_path, "http://127.0.0.1:9")


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["--version"], ["-V"]])
def test_help_and_version_import_nothing_heavy(words: list[str]) -> None:
    script = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr))\n"
        f"sys.argv = ['backstay', *{words!r}]\n"
        "from bot.__main__ import main\n"
        "main()\n"
    )
    ran = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert ran.stderr.strip() == "[]"
    assert ran.stdout.startswith("Usage: " if "h" in words[0] else f"backstay {__version__}\n")


async def test_every_command_takes_both_spellings_of_help_and_documents_exit_codes(backstay: CommandLine) -> None:
    names = [name.split() for name, _ in command_summaries(get_command(app))]
    short, long = await asyncio.gather(
        asyncio.gather(*(backstay.run(*name, "-h") for name in names)),
        asyncio.gather(*(backstay.run(*name, "--help") for name in names)),
    )
    for name, one_way, other_way in zip(names, short, long, strict=True):
        assert (one_way.code, one_way.out) == (0, other_way.out), name
        assert "-q, --quiet" in one_way.out
        assert "-h, --help" in one_way.out
    documented = {" ".join(name) for name, ran in zip(names, short, strict=True) if "Exit code: 0" in ran.out}
    assert documented >= {"audit", "status", "probe", "send-test", "doctor", "broadcast", "serve", "ledger copy"}


def test_help_lists_what_each_command_says_of_itself() -> None:
    group = get_command(app)
    said = dict(command_summaries(group))
    for entry in COMMANDS:
        if entry.hidden:
            assert entry.name not in said
        elif entry.name in said:
            assert entry.summary == said[entry.name]
        else:
            assert entry.summary == group.commands[entry.name].help  # type: ignore[attr-defined]  # a group of its own


async def test_help_groups_the_commands(backstay: CommandLine) -> None:
    ran = await backstay.run("--help")
    titles = [line for line in ran.out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["Audit:", "Outages:", "Delivery:", "Setup:", "Operate:", "Options:"]
    assert not set(ran.out) & set("│─╭╮╰╯┃━")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
async def test_any_encoding_will_do(backstay: CommandLine, encoding: str) -> None:
    backstay.write("audiences:\n  größe: {routes: [{file: here.jsonl}]}\n")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "doctor", "--no-read"),
        cwd=backstay.folder,
        env={**backstay.env, "PYTHONIOENCODING": encoding},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode(encoding)
    text = out.decode(encoding)
    assert ("gro?e" if encoding == "ascii" else "größe") in text
    assert "ok    ledger: no audit so far" in text
    assert b"Traceback" not in err


async def test_quiet_and_no_progress_go_anywhere(backstay: CommandLine) -> None:
    before = await backstay.run("--quiet", "receipts")
    after = await backstay.run("receipts", "-q")
    loud = await backstay.run("receipts", "--no-progress")
    assert (before.code, before.err, after.code, after.err) == (0, "", 0, "")
    assert (loud.code, loud.err) == (0, "no receipts in the last 24h\n")


def test_a_closed_pipe_ends_quietly(backstay: CommandLine) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "checks"],
        cwd=backstay.folder,
        env=dict(backstay.env),
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (ran.returncode, ran.stderr) == (141, b"")


def _on_a_terminal(backstay: CommandLine, columns: int, *words: str, **env: str) -> str:
    master, slave = pty.openpty()
    ran = subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-m", "bot", *words],
        cwd=backstay.folder,
        env={**backstay.env, "COLUMNS": str(columns), "TERM": "xterm", **env},
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux answers EIO once the other side has closed
            break
        if not part:
            break
        shown += part
    os.close(master)
    ran.wait()
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "words", [("--help",), ("audit", "--help"), ("doctor", "--no-read"), ("explain", "RG01"), ("checks",)]
)
@pytest.mark.parametrize("columns", [40, 80])
def test_a_narrow_terminal_is_enough(backstay: CommandLine, columns: int, words: tuple[str, ...]) -> None:
    shown = _on_a_terminal(backstay, columns, *words, NO_COLOR="1")
    assert "\x1b" not in shown
    wide = [line for line in shown.splitlines() if len(line) > columns]
    assert all(len(line.split()) <= 2 for line in wide), wide  # an address or a name is never broken


def test_a_terminal_gets_colours(backstay: CommandLine) -> None:
    assert "\x1b[1mAudit:\x1b[0m" in _on_a_terminal(backstay, 80, "--help")


async def test_a_pipe_gets_every_line_whole(backstay: CommandLine) -> None:
    ran = await backstay.run("explain", "RG01", COLUMNS="40")
    remediation = json.loads((await backstay.run("explain", "RG01", "--format", "json")).out)["remediation"]
    assert remediation.replace("`", "") in ran.out.replace("`", "")
    assert not set(ran.out) & set("│─╭╮╰╯┃━")


async def test_checks_and_explain_need_nothing(backstay: CommandLine) -> None:
    backstay.write("this is: [no settings\n")
    bare = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_ENDPOINT_URL": ""}
    listed, explained = await asyncio.gather(
        backstay.run("checks", "--format", "json", **bare), backstay.run("explain", "rg01", "--format", "json", **bare)
    )
    assert (listed.code, explained.code) == (0, 0)
    assert json.loads(explained.out) in json.loads(listed.out)
    assert not (backstay.folder / "state").exists()
    backstay.write("services: [{name: shop}]\n")
    unknown = await backstay.run("explain", "RG0l", **bare)
    assert unknown.code == 2
    assert "no service or check is called 'RG0l'; did you mean 'RG" in unknown.err


async def test_markdown_has_two_names_and_a_wrong_form_names_the_right_ones(backstay: CommandLine) -> None:
    short, long, wrong = await asyncio.gather(
        *(backstay.run("checks", "--format", form) for form in ("md", "markdown", "pdf"))
    )
    assert short.out == long.out
    assert short.out.startswith("| Check | Family |")
    assert wrong.code == 2
    assert "'pdf' is not one of text, json, markdown, csv" in wrong.err


@pytest.mark.parametrize("of", ["scorecard", "whatif"])
async def test_schemas_of_answers(backstay: CommandLine, of: str) -> None:
    ran = await backstay.run("schema", "--of", of)
    assert json.loads(ran.out)["title"] == f"backstay.{of}/1"


async def test_the_read_only_policy_needs_no_settings(backstay: CommandLine) -> None:
    ran = await backstay.run("manifest", "aws", "--config", "nowhere.yaml")
    assert json.loads(ran.out)["Statement"][0]["Effect"] == "Allow"
    assert ran.out == (ROOT / "manifest" / "aws-read-only-policy.json").read_text()


async def test_the_shell_completes(backstay: CommandLine) -> None:
    env = {"_BACKSTAY_COMPLETE": "complete_bash", "COMP_WORDS": "backstay whati", "COMP_CWORD": "1"}
    script = "import sys; sys.argv = ['backstay']; from bot.__main__ import main; main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=backstay.folder, env={**backstay.env, **env}, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.decode().split() == ["whatif"]
    ran = await backstay.run("--help")
    assert "--install-completion" in ran.out
    assert "--show-completion" in ran.out


def test_the_command_is_printed_as_it_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("bin/backstay", ".uv/bin/uv", "bin/python"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)
    script, uv = str(tmp_path / "bin/backstay"), str(tmp_path / ".uv/bin/uv")
    on_path, off_path = {"PATH": str(tmp_path / "bin")}, {"PATH": "/nowhere"}
    assert command(argv=[script], env=on_path) == "backstay"
    assert command(argv=[script], env=off_path) == "bin/backstay"
    assert command(argv=[script], env=on_path | {"UV": uv, "UV_RUN_RECURSION_DEPTH": "1"}) == ".uv/bin/uv run backstay"
    assert command(argv=["/lib/backstay.py"], env=on_path, python=str(tmp_path / "bin/python")) == "python -m backstay"
    assert (
        command(argv=["/lib/bot/__main__.py"], env=off_path, python=str(tmp_path / "bin/python")) == "bin/python -m bot"
    )

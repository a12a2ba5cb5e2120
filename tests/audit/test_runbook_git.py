"""Runbooks in Git repositories, read with real git from a real git server on loopback, hostile ones too."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.moment import NOW
from support.fakes.git_server import GitServer, git
from support.harness.ledgers import ledger_at
from support.harness.loopback import serving

from bot.audit.collectors.runbooks.facts import runbook_fields
from bot.audit.collectors.runbooks.fetch import RunbookPages
from bot.audit.collectors.runbooks.source import SourceAccess
from bot.catalogue import read
from bot.model.records import RunbookCopy
from bot.net.egress import EgressPolicy
from bot.net.git_environment import GitAccess, environment
from bot.net.git_repository import GitError, GitRepository
from bot.storage.ledger import Ledger
from checks import Unread

PAGE = "# Checkout\nOwner: team payments\n\n## Detect\n1. Look\n\n## Fail over\n2. `shift --region eu-west-1`\n"


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with ledger_at(tmp_path / "ledger") as opened:
        yield opened


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[GitServer, str]]:
    made = GitServer(tmp_path / "served")
    async with serving(made.app()) as root:
        yield made, f"git+{root}"


def committed(
    folder: Path, name: str = "runbooks/checkout.md", text: str = PAGE, at: str = "2026-11-01T09:00:00Z"
) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "change", at=at)


async def copied(address: str, ledger: Ledger, *accesses: SourceAccess, patience: float = 60) -> RunbookCopy:
    entries = read(f"services: [{{name: checkout, runbook: '{address}'}}]\n").entries
    pages = RunbookPages(ledger, lambda: NOW, accesses=accesses, clone_timeout=timedelta(seconds=patience))
    return (await pages.read(entries))["checkout"]


async def test_a_file_is_read_with_its_last_change(server: tuple[GitServer, str], ledger: Ledger) -> None:
    served, root = server
    folder = served.repository("ops")
    committed(folder)
    committed(folder, "other.md", "unrelated", at="2026-11-20T09:00:00Z")
    copy = await copied(f"{root}/ops.git#runbooks/checkout.md", ledger)
    assert (copy.problem, copy.text) == ("", PAGE)
    assert (copy.details.changed_at, copy.details.changed_by) == (datetime(2026, 11, 1, 9, tzinfo=UTC), "Ada")
    declared = read(f"services: [{{name: checkout, runbook: '{root}/ops.git#runbooks'}}]\n").entries[0].declared.runbook
    fields = runbook_fields(declared, copy, NOW)
    assert (fields["owner"], fields["sections"]) == ("team payments", ("detect", "fail_over"))
    assert fields["needs"] == ("aws/eu-west-1|2|--region eu-west-1",)


async def test_a_folder_has_a_file_for_each_service_and_is_fetched_once(
    server: tuple[GitServer, str], ledger: Ledger
) -> None:
    served, root = server
    committed(served.repository("ops"))
    committed(served.root / "ops", "runbooks/README.md", "1. Read this first")
    address = f"{root}/ops.git?ref=main#runbooks"
    catalogue = f"services: [{{name: checkout, runbook: '{address}'}}, {{name: search, runbook: '{address}'}}]\n"
    copies = await RunbookPages(ledger, lambda: NOW).read(read(catalogue).entries)
    assert (copies["checkout"].text, copies["search"].text) == (PAGE, "1. Read this first")
    assert len([path for path in served.asked if "info/refs" in path]) == 3, "once for commits, then for each file"


@pytest.mark.parametrize(
    ("fragment", "problem"),
    [
        ("runbooks/none.md", "the page is gone: the repository has no file runbooks/none.md"),
        ("link.md", "Git: link.md is a symbolic link, which is not followed"),
        ("../../etc/passwd", "Git: ../../etc/passwd leads out of the repository"),
        ("empty", "the page is gone"),
        ("image.md", "image.md is not a text file"),
        (":(top)runbooks/checkout.md", "the page is gone"),
        ("large.md", "Git: the file has more than 2,000,000 bytes"),
    ],
)
async def test_a_hostile_repository_gives_nothing_away(
    fragment: str, problem: str, server: tuple[GitServer, str], ledger: Ledger
) -> None:
    served, root = server
    folder = served.repository("ops")
    (folder / "link.md").symlink_to("/etc/passwd")
    (folder / "image.md").write_bytes(b"\x89PNG\x00\xff")
    (folder / "large.md").write_text("x" * 2_000_001)
    committed(folder)
    assert (await copied(f"{root}/ops.git#{fragment}", ledger)).problem.startswith(problem)


async def test_a_token_is_sent_and_never_shown(server: tuple[GitServer, str], ledger: Ledger) -> None:
    served, root = server
    committed(served.repository("ops"))
    served.token = "Z2l0OnNlY3JldA"  # git:secret
    address = f"{root}/ops.git#runbooks/checkout.md"
    assert (await copied(address, ledger)).problem == "Git: access denied"
    access = SourceAccess("git", user="git", token="secret")
    assert "secret" not in repr(access)
    later = RunbookPages(ledger, lambda: NOW + timedelta(hours=2), accesses=(access,))
    copy = (await later.read(read(f"services: [{{name: checkout, runbook: '{address}'}}]\n").entries))["checkout"]
    assert (copy.problem, copy.text) == ("", PAGE)


@pytest.mark.parametrize(
    ("status", "problem"),
    [(404, "no such repository, or access denied"), (403, "access denied"), (500, "git could not read the repository")],
)
async def test_what_a_server_answers_is_told(
    status: int, problem: str, server: tuple[GitServer, str], ledger: Ledger
) -> None:
    served, root = server
    served.broken = status
    assert (await copied(f"{root}/ops.git#a.md", ledger)).problem == f"Git: {problem}"


async def test_a_server_that_never_answers_is_given_up(server: tuple[GitServer, str], ledger: Ledger) -> None:
    served, root = server
    served.waits = asyncio.Event()
    try:
        copy = await copied(f"{root}/ops.git#a.md", ledger, patience=0.5)
    finally:
        served.waits.set()
    assert copy.problem == "Git: git did not finish within 0.5 s"


async def test_a_repository_that_is_too_large_is_given_up(server: tuple[GitServer, str]) -> None:
    served, root = server
    committed(served.repository("ops"))
    with pytest.raises(GitError, match="more than 10 bytes"):
        await GitRepository.fetch(f"{root.removeprefix('git+')}/ops.git", most_bytes=10)


async def test_the_wikis_of_github_and_gitlab_are_repositories(server: tuple[GitServer, str], ledger: Ledger) -> None:
    served, root = server
    committed(served.repository("team/shop.wiki"), "on-call/Checkout.md")
    web = root.removeprefix("git+")
    copy = await copied(f"{web}/team/shop/-/wikis/on-call/Checkout", ledger)
    assert (copy.problem, copy.text, copy.details.changed_by) == ("", PAGE, "Ada")
    other = await copied(f"{web}/team/shop/wiki/Nothing", ledger, SourceAccess("wiki", f"{web}/team"))
    assert other.problem == "the page is gone: the wiki has no page Nothing"


async def test_a_file_of_a_work_tree_has_the_date_of_its_commit(tmp_path: Path, ledger: Ledger) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "checkout.md").write_text("1. Look")
    assert (await copied(f"{folder}", ledger)).details.changed_at is None
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    copy = await copied(f"{folder}", ledger)
    assert (copy.text, copy.details.changed_by) == ("1. Look", "Ada")
    assert copy.details.changed_at == datetime(2026, 11, 1, 9, tzinfo=UTC)


async def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path, ledger: Ledger) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "checkout.md").symlink_to("/etc/passwd")
    assert "leads out of the folder" in (await copied(f"{folder}", ledger)).problem


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c id",
        "file:///etc",
        "http://git.example/a.git",
        "https://u:p@git.example/a.git",
        "ssh://-oProxyCommand=x/a",
    ],
)
async def test_other_transports_are_refused(address: str) -> None:
    with pytest.raises(GitError, match="must"):
        await GitRepository.fetch(address)


async def test_a_private_address_may_be_forbidden_by_policy() -> None:
    with pytest.raises(GitError, match=r"outgoing\.allow"):
        await GitRepository.fetch("https://git.example/a.git", policy=EgressPolicy(allow=("other.example",)))


def test_ssh_is_pinned_and_asks_nobody(tmp_path: Path) -> None:
    access = GitAccess(key="PRIVATE TEXT", known_hosts="[git.example]:2222 ssh-ed25519 AAAA")
    env = environment(tmp_path, "ssh://git@git.example:2222/ops.git", access, ("git.example", 2222, "192.0.2.7"))
    command = env["GIT_SSH_COMMAND"]
    for option in (
        "HostName=192.0.2.7",
        "HostKeyAlias=[git.example]:2222",
        "StrictHostKeyChecking=yes",
        "BatchMode=yes",
    ):
        assert option in command
    assert "PRIVATE TEXT" not in str(env)
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    assert env["GIT_CONFIG_GLOBAL"] == "/dev/null"


def test_a_page_that_was_never_read_leaves_every_field_unread() -> None:
    declared = (
        read("services: [{name: checkout, runbook: 'git+https://git.example/a.git'}]\n").entries[0].declared.runbook
    )
    fields = runbook_fields(declared, RunbookCopy("checkout", "x", NOW, problem="Git: access denied"), NOW)
    for name in ("owner", "sections", "needs", "changed_at", "dead_links", "names_failover"):
        assert fields[name] == Unread("Git: access denied"), name


async def test_a_repository_is_fetched_over_ssh(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The far end is an `ssh` that runs what it is asked to run on this machine: real git on both sides."""
    folder = GitServer(tmp_path / "served").repository("ops")
    committed(folder)
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/asked\nfor last; do :; done\nexec sh -c "$last"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}:{os.environ['PATH']}")
    access = SourceAccess("git", key="PRIVATE", known_hosts="127.0.0.1 ssh-ed25519 AAAA")
    copy = await copied(f"git+ssh://git@127.0.0.1{folder}#runbooks/checkout.md", ledger, access)
    assert (copy.problem, copy.text, copy.details.changed_by) == ("", PAGE, "Ada")
    asked = (tmp_path / "asked").read_text()
    assert "StrictHostKeyChecking=yes" in asked
    assert "HostName=127.0.0.1" in asked

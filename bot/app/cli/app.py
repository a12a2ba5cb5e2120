"""Every command of the command line, in the groups and the order in which help lists them.

A command's module is imported when it runs, and nothing heavy before that: `backstay --help` stays within 0.25 s of processor time.
"""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Annotated, Any, Final, NamedTuple

import typer
from typer.main import get_command

from bot import __version__
from bot.app.cli.help import HelpCommand, HelpGroup
from bot.app.cli.terminal import say, speak


class Entry(NamedTuple):
    """A command as help lists it. `summary` is the first paragraph of its docstring, repeated so that help imports nothing."""

    panel: str
    name: str
    module: str
    summary: str
    hidden: bool = False


COMMANDS: Final = (
    Entry("Audit", "audit", "audit", "Read the cloud account and score how well each service would survive a loss."),
    Entry(
        "Audit",
        "explain",
        "checks",
        "Explain what a check wants and why, or how each point of a service's score came about.",
    ),
    Entry("Audit", "checks", "checks", "List every check: id, family, severity and the good condition."),
    Entry(
        "Audit",
        "whatif",
        "whatif",
        "Simulate losing a cloud, region, zone or service: services expected down, failovers and cost.",
    ),
    Entry(
        "Audit",
        "dependencies",
        "dependencies",
        "List dependencies that nobody declared: guesses of the last audit with their evidence.",
    ),
    Entry(
        "Audit",
        "report",
        "report",
        "Write a report on the last audit: a page for executives, or the controls of a framework with their evidence.",
    ),
    Entry(
        "Audit",
        "tickets",
        "tickets",
        "Create, update and close tickets of failed findings in the tracker under `tickets:`.",
    ),
    Entry(
        "Audit", "drift", "drift", "Compare backstay.yaml with what runs, and with Backstage where `backstage:` is set."
    ),
    Entry(
        "Audit",
        "portals",
        "portals",
        "Push the scores and failed checks of the last audit to the portals under `portals:`.",
    ),
    Entry(
        "Outages", "status", "status", "Read providers' status pages; problems that affect your services come first."
    ),
    Entry(
        "Outages", "probe", "probe", "Probe once the endpoints that your services depend on, and your own endpoints."
    ),
    Entry("Outages", "slo", "slo", "Read error rate, latency and error budgets of your services now."),
    Entry(
        "Outages", "incidents", "incidents", "List incidents, or print one with its timeline, notifications and cost."
    ),
    Entry(
        "Outages",
        "runbook",
        "runbook",
        "Print a service's runbook from the kept copy: it needs neither the wiki nor the chat.",
    ),
    Entry("Outages", "feed", "feed", "List status feed formats, and read saved feeds."),
    Entry(
        "Delivery",
        "send-test",
        "delivery",
        "Send a marked test by each route of an audience, and print each outcome as it arrives.",
    ),
    Entry("Delivery", "receipts", "delivery", "List what became of each message: its route, time and outcome."),
    Entry(
        "Delivery",
        "broadcast",
        "hooks",
        "Post a message to audiences through a running backstay, by fallback routes where needed.",
    ),
    Entry("Delivery", "ask", "hooks", "Ask a running backstay any chat command that only reads."),
    Entry(
        "Setup",
        "demo",
        "demo",
        "Audit an example estate and simulate the loss of us-east-1; needs no account and no network.",
    ),
    Entry(
        "Setup",
        "init",
        "init",
        "Write a commented backstay.yaml from the resources of an account, project, subscription or cluster, or from Backstage.",
    ),
    Entry(
        "Setup", "doctor", "doctor", "Check settings, credentials, permissions, routes, and fallbacks that share fate."
    ),
    Entry("Setup", "manifest", "manifest", "Print the Slack or Teams app manifest, or the read-only role for a cloud."),
    Entry("Setup", "schema", "checks", "Print the JSON Schema of backstay.yaml or of a JSON answer."),
    Entry(
        "Operate",
        "serve",
        "serve",
        "Answer in chat, detect outages, post scorecards and deliver messages, until stopped.",
    ),
    Entry("Operate", "worker", "worker", "Read accounts for audits on this machine, until stopped."),
    Entry(
        "Operate",
        "audit-log",
        "delivery",
        "List who did what and when: broadcasts, waivers, attestations, refused requests.",
    ),
    Entry(
        "Operate",
        "ledger",
        "ledger",
        "Show what the ledger holds, verify its evidence, and move it between SQLite and PostgreSQL.",
    ),
    Entry(
        "Operate",
        "docs",
        "docs",
        "Write the generated tables of the documentation, and the manifests, from the code.",
        hidden=True,
    ),
)


class LazyCommands(MutableMapping[str, Any]):
    """The commands by name; each is imported and built when it is looked up."""

    def __init__(self) -> None:
        self._entries = {entry.name: entry for entry in COMMANDS}
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            self._built[name] = _built(self._entries[name])
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class Root(HelpGroup):
    """The outermost group: its commands are imported when they are used."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**{**attrs, "commands": LazyCommands()})

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, none of which is imported for that."""
        del ctx
        return list(self.commands)

    def listed(self, ctx: Any) -> Iterator[tuple[str, str, str]]:
        """Panel, name and summary of each visible command."""
        del ctx
        return ((entry.panel, entry.name, entry.summary) for entry in COMMANDS if not entry.hidden)


def _built(entry: Entry) -> Any:
    module = import_module(f"bot.app.cli.{entry.module}")
    found = getattr(module, entry.name.replace("-", "_"))
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        alone.command(entry.name, cls=HelpCommand, hidden=entry.hidden)(found)
        found = alone
    command = get_command(found)
    command.name = entry.name
    return command


app = typer.Typer(
    name="backstay",
    cls=Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"backstay {__version__}")
        raise typer.Exit


@app.callback()
def backstay(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only answers and errors: no progress, no notes.")
    ] = False,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Show no progress.")] = False,
) -> None:
    """How well would your services survive the loss of a zone, a region or a whole cloud?"""
    del version
    speak(quiet=quiet, show_progress=not no_progress)

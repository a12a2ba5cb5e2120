"""`backstay init`: writes a first backstay.yaml, from the account's resources or from Backstage's catalogue."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.init_questions import Answers, ask
from bot.app.cli.terminal import clear_errors, fail, note, progress, run, warn, writable, write

if TYPE_CHECKING:
    from bot.audit.bootstrap import Contacts
    from bot.catalogue import Account
    from bot.model import Collected


def init(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write; - prints it.", allow_dash=True, dir_okay=False)
    ] = Path("backstay.yaml"),
    backstage: Annotated[
        Path | None,
        typer.Option(help="Start from this catalog-info.yaml instead of the account.", exists=True, dir_okay=False),
    ] = None,
    backstage_url: Annotated[
        str,
        typer.Option(help="Start from the catalogue of this Backstage, over its API: https://backstage.example.com."),
    ] = "",
    backstage_token: Annotated[
        str, typer.Option(help="Token for it, by reference: env:BACKSTAGE_TOKEN or file:PATH.")
    ] = "",
    organisation: Annotated[str, typer.Option(help="The name of your organisation.")] = "",
    audience: Annotated[str, typer.Option(help="The first audience: who is notified. Default: platform.")] = "",
    slack: Annotated[str, typer.Option(help="The audience's Slack channel, as #platform.")] = "",
    teams: Annotated[str, typer.Option(help="The audience's Teams channel, as 'Platform / General'.")] = "",
    responder: Annotated[
        list[str] | None,
        typer.Option(help="Who may acknowledge and broadcast: id of a person or group, as slack:U0123ABCD (repeat)."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing, even on a terminal.")] = False,
    account: Annotated[
        list[str] | None,
        typer.Option(
            help="What to read, as projects/ID, folders/NUMBER, subscriptions/UUID, clusters/CONTEXT or 12 digits (repeat). "
            "Default: the AWS account of the credentials."
        ),
    ] = None,
    profile: options.Profile = "",
    regions: options.Regions = None,
) -> None:
    """Write a commented backstay.yaml from the resources of an account, project, subscription or cluster, or from Backstage.

    On a terminal it asks for what no option names: organisation, first audience, Slack or Teams channel, responders.

    Services come from tags, labels, applications, stacks, resource groups, folders and namespaces; guesses are marked. What none of
    these claims is listed as unclaimed, with proposals.
    """
    printed = str(output) == "-"
    if not printed and output.exists() and not force:
        fail(f"{output} already exists; it was not changed", "Name another file with --output, or add --force")
    if not printed:
        writable(output)
    given = Answers(organisation.strip(), audience.strip(), slack.strip(), teams.strip(), options.names_in(responder))
    answers = ask(given, no_input=no_input)
    with clear_errors():
        who = _contacts(answers)
        if backstage:
            text = _from_backstage(backstage, answers.organisation, who)
        elif backstage_url:
            text = _from_backstage_api(backstage_url, backstage_token, answers.organisation, who)
        else:
            text = _from_accounts(answers.organisation, who, _accounts(account), profile, regions)
    write(text, None if printed else output)
    if not printed:
        note("next: check the values marked `guess:`, then run `backstay doctor`")


def _contacts(answers: Answers) -> "Contacts":
    from bot.audit.bootstrap import ContactError, contacts

    try:
        return contacts(answers.audience, answers.slack, answers.teams, answers.responders)
    except ContactError as error:
        fail(str(error), error.fix)


def _from_backstage(path: Path, organisation: str, who: "Contacts") -> str:
    from bot.audit.bootstrap import catalogue_from_backstage

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path} cannot be read: {error}")
    return catalogue_from_backstage(text, str(path), organisation=organisation, who=who)


def _from_backstage_api(url: str, token: str, organisation: str, who: "Contacts") -> str:
    from bot.app.settings import load
    from bot.app.wiring.catalogue_drift import entities_of
    from bot.audit.bootstrap import catalogue_from_entities
    from bot.audit.tickets.api import TrackerError

    try:
        found = run(entities_of(url, load(Path("/dev/null")).secret(token), private=True))
    except TrackerError as error:
        fail(str(error), "Check --backstage-url and --backstage-token")
    return catalogue_from_entities(found, url, organisation=organisation, who=who)


def _accounts(given: list[str] | None) -> "tuple[Account, ...]":
    """The accounts that options name.

    Raises:
        typer.Exit: one is no id of an account (code 2).
    """
    from pydantic_core import PydanticCustomError

    from bot.catalogue import Account
    from bot.catalogue.account_ids import account_id

    try:
        return tuple(Account(account_id(text)) for text in options.names_in(given))
    except PydanticCustomError as error:
        fail(f"--account: {error.message()}")


def _from_accounts(
    organisation: str, who: "Contacts", accounts: "tuple[Account, ...]", profile: str, regions: list[str] | None
) -> str:
    from bot.app.wiring.audit import aws, other_clouds, reads_aws
    from bot.audit.bootstrap import catalogue_from_facts
    from bot.audit.collectors.clouds import Clouds

    settings = options.settings_of_account(profile, regions)
    settings = replace(settings, catalogue=replace(settings.catalogue, accounts=accounts))
    readers = {"aws": aws(settings)} if reads_aws(settings) else {}
    with progress("reading") as report:
        found = run(Clouds(readers | other_clouds(settings)).collect((), report))
    say_what_is_missing(found)
    ids = [account.id for account in accounts]
    return catalogue_from_facts(found.facts, found.gaps, organisation=organisation, who=who, accounts=ids)


def say_what_is_missing(found: "Collected") -> None:
    """Warn about what was not read or not found.

    Raises:
        typer.Exit: the credentials stopped working, so that the file would show a part of the account as all of it.
    """
    from bot.app.cli.nothing_read import empty_account, failed_reads, refused_credentials

    if refused := refused_credentials(found.gaps):
        fail(
            f"nothing was written: {refused}",
            "Sign in again (`aws sso login`, or new keys), then repeat `backstay init`",
        )
    if failed := failed_reads(found.gaps):
        from bot.audit.unread_groups import unread_groups

        groups = unread_groups(failed)
        actions = sum(max(1, len(group.actions)) for group in groups)
        warn(f"{actions} {'action' if actions == 1 else 'actions'} could not be read, so services may be missing")
        clouds = sorted({gap.provider for gap in failed} & {"aws", "azure", "gcp", "kubernetes"}) or ["aws"]
        roles = " and ".join(f"`backstay manifest {cloud}`" for cloud in clouds)
        note(f"The file lists them as `not read:`; {roles} prints the role that grants reading")
    elif nothing := empty_account(found):
        warn(nothing)
        note("Check that this is the account and these are the regions; `--profile` and `--regions` choose others")

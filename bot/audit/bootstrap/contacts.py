"""Writes the part of a first backstay.yaml that says who is notified and who may act."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.audit.bootstrap.yaml_text import scalar
from bot.catalogue import secret_kind

DEFAULT_AUDIENCE: Final = "platform"
_SLACK_CHANNEL: Final = re.compile(r"#?([^\s#,@:]{1,80})")
_SLACK_CHANNEL_ID: Final = re.compile(r"[CG][A-Z0-9]{7,}")
_SLACK_PERSON: Final = re.compile(r"[UWS][A-Z0-9]{5,}")
_ENTRA_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class ContactError(ValueError):
    """A channel or a person cannot be used as it is written. `fix` is an imperative."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Contacts:
    """The first audience with its channel in Slack or Teams, and those who may act (`slack:U0123ABCD`); all may be empty."""

    audience: str = ""
    slack: str = ""
    teams: str = ""
    responders: tuple[str, ...] = ()


NOBODY: Final = Contacts()
"""Nobody is named yet: the file shows commented examples."""


def contacts(audience: str, slack: str, teams: str, responders: tuple[str, ...]) -> Contacts:
    """Contacts as a person writes them: a channel without its `#`, an id without its platform.

    Raises:
        ContactError: an audience without a channel, or a channel or a person that cannot be found by what is written.
    """
    for text in (audience, slack, teams, *responders):
        if kind := secret_kind(text):
            raise ContactError(f"a value looks like a secret ({kind})", "Name channels and people, never tokens")
    if audience and not (slack or teams):
        raise ContactError(
            f"audience {audience} has no route",
            "Name its channel: --slack '#platform' or --teams 'Platform / General'",
        )
    return Contacts(
        audience or (DEFAULT_AUDIENCE if slack or teams else ""),
        _channel(slack) if slack else "",
        teams,
        tuple(dict.fromkeys(_person(text, slack=bool(slack), teams=bool(teams)) for text in responders)),
    )


def _channel(text: str) -> str:
    if _SLACK_CHANNEL_ID.fullmatch(text):
        return text
    found = _SLACK_CHANNEL.fullmatch(text)
    if found is None:
        raise ContactError(f"{text!r} is no Slack channel", "Write its name, as '#platform', or its id, as C0123ABCD")
    return f"#{found[1].lower()}"


def _person(text: str, *, slack: bool, teams: bool) -> str:
    platform, colon, identity = text.partition(":")
    if not colon:
        platform, identity = "", text
    if platform in ("", "slack") and _SLACK_PERSON.fullmatch(identity) and (platform or slack or not teams):
        return f"slack:{identity}"
    if platform in ("", "teams") and _ENTRA_ID.fullmatch(identity):
        return f"teams:{identity}"
    raise ContactError(
        f"responder {text!r} is no id of a person or group",
        "Copy the id: from the Slack profile (slack:U0123ABCD), or the object id from Entra ID (teams:6f4e0c7a-...)",
    )


def contact_lines(who: Contacts) -> Iterator[str]:
    """Lines of YAML: the chat platform, the roles and the audience; what is not known as a commented example."""
    yield "# Who is notified, by which routes, tried in this order. Reference secrets (env:NAME, file:PATH); never write them here."
    if who.slack or not who.teams:
        yield _commented(not who.slack, "slack: {bot_token: env:SLACK_BOT_TOKEN, app_token: env:SLACK_APP_TOKEN}")
    if who.teams:
        yield "# `backstay manifest teams` makes the app package. Fill in the ids of its app registration, then remove the `#`:"
        yield "# teams: {app_id: APPLICATION_ID, app_password: env:TEAMS_APP_PASSWORD, tenant_id: TENANT_ID}"
    yield "# Who may broadcast, acknowledge and subscribe (responder), and also waive (admin): ids of people and groups. Everybody"
    yield "# else in your workspace or tenant may only read; guests and other organizations get no answer."
    example = "slack:U0123ABCD, slack:S0123GROUP"
    known = ", ".join(map(scalar, who.responders))
    yield _commented(not known, "roles: {responder: [" + (known or example) + "]}")
    yield from _audience_lines(who)


def _audience_lines(who: Contacts) -> Iterator[str]:
    unknown = not who.audience
    yield _commented(unknown, "audiences:")
    yield _commented(unknown, f"  {scalar(who.audience or DEFAULT_AUDIENCE)}:")
    yield _commented(unknown, "    routes:")
    if who.slack or unknown:
        yield _commented(unknown, f"      - slack: {scalar(who.slack or '#resilience')}")
    if who.teams:
        yield f"      - teams: {scalar(who.teams)}"
    yield "#     # a second route, on another cloud, for when the chat platform is down:"
    yield "#       - webhook: {url: env:FALLBACK_URL, secret: env:FALLBACK_SECRET}"


def _commented(wanted: bool, line: str) -> str:
    return f"# {line}" if wanted else line

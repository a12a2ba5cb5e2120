"""What `backstay init` asks on a terminal, for each answer that no option gave."""

import sys
from dataclasses import dataclass, replace

import typer


@dataclass(frozen=True, slots=True)
class Answers:
    """The organisation, the first audience, its channel in Slack or Teams, and the ids of responders; empty: not known."""

    organisation: str = ""
    audience: str = ""
    slack: str = ""
    teams: str = ""
    responders: tuple[str, ...] = ()


def ask(given: Answers, *, no_input: bool) -> Answers:
    """The given answers, completed by a person where standard input and standard error are a terminal. Enter skips a question.

    Raises:
        typer.Abort: the person ended the questions.
    """
    if no_input or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return given
    answers = given
    if not answers.organisation:
        answers = replace(answers, organisation=_asked("Name of your organisation"))
    if not (answers.slack or answers.teams):
        answers = _with_channel(answers)
    if (answers.slack or answers.teams) and not answers.responders:
        words = _asked("Who may acknowledge and broadcast: ids of people or groups, as slack:U0123ABCD")
        answers = replace(answers, responders=tuple(words.replace(",", " ").split()))
    return answers


def _with_channel(answers: Answers) -> Answers:
    """The answers with an audience and its channel; unchanged where nobody is to be notified yet."""
    platform = _asked("Where are people notified: slack or teams").lower()
    if platform not in ("slack", "teams"):
        return answers
    if not answers.audience:
        answers = replace(answers, audience=_asked("Name of the first audience", "platform"))
    if platform == "slack":
        return replace(answers, slack=_asked("Its Slack channel", f"#{answers.audience}"))
    return replace(answers, teams=_asked("Its Teams channel, as Team / Channel"))


def _asked(question: str, default: str = "") -> str:
    """The answer to a question, on standard error so that a printed file stays clean."""
    found: str = typer.prompt(question, default=default, show_default=bool(default), err=True)
    return found.strip()

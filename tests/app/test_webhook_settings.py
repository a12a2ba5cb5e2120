"""Whose alerts come in, as backstay.yaml says it: mistakes are told with their place, secrets stay where they are."""

from pathlib import Path
from typing import Any

import pytest
from support.builders.moment import NOW
from support.harness.command_line import command_line

from bot.app.settings import Settings, load
from bot.app.wiring.webhooks import webhook_sources
from bot.catalogue import ConfigError

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"


def read(folder: Path, source: str, **env: str) -> Settings:
    file = folder / "backstay.yaml"
    file.write_text(f"services: [{{name: Checkout, tier: 1}}]\nhooks:\n  sources:\n    - {source}\n")
    return load(file, {"HOME": str(folder), **env})


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{name: a, format: alertmanger, token: env:T}", "did you mean 'alertmanager'?"),
        ("{name: a, format: nagios, token: env:T}", "known: alertmanager, backstay, datadog"),
        ("{name: a, format: alertmanager}", "a has no authentication; add token: env:NAME"),
        ("{name: a, format: grafana}", "add token: env:NAME or secret: env:NAME"),
        ("{name: a, format: sns}", "add topics: ["),
        ("{name: a, format: backstay, token: env:T}", "backstay cannot authenticate with token; use secret"),
        (
            f"{{name: a, format: sns, token: env:T, topics: ['{TOPIC}']}}",
            "sns cannot authenticate with token; use topics",
        ),
        ("{name: a, format: sns, topics: ['arn:aws:sns:us-east-1:1:x']}", "is not an SNS topic"),
        ("{name: a, format: sns, topics: ['arn:aws:sqs:us-east-1:123456789012:x']}", "is not an SNS topic"),
        ("{name: A b, format: generic, token: env:T}", "does not have the expected form"),
        ("{format: generic, token: env:T}", "'name' is missing"),
        ("{name: a, format: generic, token: t0ken}", "secrets do not belong in this file"),
        ("{name: a, format: generic, token: env:T, about: Chekout}", "did you mean 'Checkout'?"),
        ("{name: a, format: generic, token: env:T, topic: x}", "did you mean 'topics'?"),
        ("{name: a, format: generic, token: env:T, per_minute: 0}", "greater than or equal to 1"),
    ],
)
def test_mistakes_are_told_with_their_line_and_the_mend(tmp_path: Path, source: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, source)
    (problem,) = caught.value.problems
    assert said in str(problem)
    assert problem.line == 4
    assert problem.where.startswith("hooks.sources[0]")
    assert "t0ken" not in str(caught.value)


def test_two_sources_of_one_name_are_told(tmp_path: Path) -> None:
    one = "{name: a, format: generic, token: env:T}"
    with pytest.raises(ConfigError, match="two sources are named 'a'"):
        read(tmp_path, f"{one}\n    - {one}")


@pytest.mark.parametrize(
    ("about", "scope"),
    [("Checkout", "checkout"), ("aws/us-east-1", "aws/us-east-1"), ("stripe", "stripe"), (None, None)],
)
def test_a_door_is_made_of_what_was_set(tmp_path: Path, about: Any, scope: Any) -> None:
    more = f", about: {about}" if about else ""
    (tmp_path / "t.txt").write_text("t0ken\n")
    settings = read(tmp_path, f"{{name: a, format: pagerduty, secret: env:S, token: file:t.txt{more}}}", S="s3cret")
    door = webhook_sources(settings, lambda: NOW)["a"]
    assert (door.token, door.secret, door.format_name) == ("t0ken", "s3cret", "pagerduty")
    assert (str(door.about) if door.about else None) == scope
    assert len(door.problems()) == 2, "both are short enough to be guessed"
    assert "s3cret" not in repr(settings)


async def test_the_doctor_looks_at_the_doors(tmp_path: Path) -> None:
    backstay = command_line(tmp_path, "http://127.0.0.1:1")
    backstay.write(
        "watch: {report_to: [{url: 'https://eu.example/hooks/in/x', secret: env:GONE}]}\n"
        "hooks:\n  sources:\n"
        "    - {name: am, format: alertmanager, token: env:SHORT}\n"
        f"    - {{name: aws, format: sns, topics: ['{TOPIC}'], about: aws/us-east-1}}\n"
    )
    ran = await backstay.run("doctor", "--no-read", SHORT="guess-me", COLUMNS="200")
    assert ran.code == 1, ran.err
    said = " ".join(ran.out.split())
    assert "hook am: token is shorter than 16 characters and can be guessed" in said
    assert "hook am: about: is not set, so alerts that name no scope go to every audience" in said
    assert f"hook aws: accepts {TOPIC}; subscribe POST /hooks/in/aws to it" in said
    assert "report to eu.example: secret: env:GONE: variable GONE is not set" in said
    assert "guess-me" not in ran.out

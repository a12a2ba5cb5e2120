"""Every output of an audit of Google Cloud, Azure or a cluster: no command, product or page of AWS in a fix."""

import re
from collections.abc import Iterator

import pytest
from support.builders.facts import NOW, service
from support.harness.doors import DOORS
from support.samples.one_estate import CASES

from bot.audit.export import csv as to_csv
from bot.audit.export import json as to_json
from bot.audit.export import junit as to_junit
from bot.audit.export import markdown as to_markdown
from bot.audit.export import sarif as to_sarif
from bot.cards.messages.checklist import check_card
from bot.cards.messages.finding import finding_card
from bot.cards.messages.full_report import full_report
from bot.cards.messages.scorecard import estate_card, service_card
from bot.cards.render import html_report, slack, teams
from bot.cards.render import text as to_text
from bot.model import Audit, Collected
from checks import CLOUDS, Fact, Outcome, Scorecard, Seen, discover, evaluate, score

AWS = re.compile(r"\baws [a-z0-9-]+ [a-z]|docs\.aws\.amazon\.com|\bRoute 53\b|\bEC2\b|\bRDS\b")
COMMAND = {"google": "gcloud ", "azure": "az ", "kubernetes": "kubectl ", "aws": "aws "}


def estate(door: str) -> list[Fact]:
    return [fact for case in CASES for fact in DOORS[door](case)]


def judged(door: str) -> tuple[Audit, Scorecard]:
    facts, shop = estate(door), service("shop")
    findings = evaluate([Seen(shop, facts)], now=NOW)
    card = score(list(findings), services=[shop], now=NOW)
    return Audit(card, Collected(facts=facts, gaps=[], calls=1, seconds=0.1), calls=1, seconds=0.1), card


def outputs(door: str) -> Iterator[tuple[str, str]]:
    audit, card = judged(door)
    shop = card.services[0]
    yield "json", "\n".join(re.findall(r'"remediation": .*', to_json.scorecard(audit)))
    yield "csv", to_csv.scorecard(audit)
    yield "junit", to_junit.scorecard(audit)
    yield "markdown", to_markdown.scorecard(audit)
    yield "sarif", to_sarif.scorecard(audit)
    yield "html", html_report.render(full_report(card, organisation="Shop", now=NOW)).partition("</style>")[2]
    for name, made in (
        ("estate", estate_card(card, organisation="Shop", now=NOW, trend=None, whole_list=True)),
        ("service", service_card(shop, now=NOW, read_at=NOW, whole=True)),
        *((check.id, finding_card(check, shop, read_at=NOW)) for check in discover()),
    ):
        yield f"text of {name}", to_text.render(made, 100)
        yield f"slack of {name}", str(slack.render(made))
        yield f"teams of {name}", str(teams.render(made))


@pytest.mark.parametrize("door", ["google", "azure", "kubernetes", "terraform of google", "terraform of azure"])
def test_no_output_tells_to_use_aws(door: str) -> None:
    lessons = [check.lesson for check in discover()]
    found = []
    for name, text in outputs(door):
        said = " ".join(text.split())
        for lesson in lessons:
            said = said.replace(lesson, "")
        found += [f"{name}: ...{said[max(0, hit.start() - 60) : hit.end() + 60]}" for hit in AWS.finditer(said)]
    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize("door", COMMAND)
def test_most_fixes_name_a_command_of_their_cloud(door: str) -> None:
    _, card = judged(door)
    failing = [finding for finding in card.services[0].findings if finding.outcome is Outcome.FAIL and finding.fact]
    named = [finding for finding in failing if f"`{COMMAND[door]}" in finding.remediation]
    assert len(named) > len(failing) / (3 if door == "kubernetes" else 2)


@pytest.mark.parametrize("cloud", CLOUDS.values())
def test_explain_lists_the_words_of_every_cloud(cloud: str) -> None:
    check = next(check for check in discover() if check.id == "ZN01")
    assert f"{cloud}: " in to_text.render(check_card(check), 200)

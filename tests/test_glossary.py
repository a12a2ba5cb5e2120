"""One word for one thing: what the product's words mean, held against the names of modules and classes."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent

GLOSSARY = {
    "Affected": "a service of ours that an incident touches",
    "Alert": "a message that an incident sends to an audience",
    "Attestation": "a person's statement that a practice was carried out, with a date and a link",
    "Audience": "a team and its routes",
    "Canary": "a real call to a cloud API, made to see whether it works",
    "Card": "what a message says, free of any platform",
    "Catalogue": "backstay.yaml, read and checked",
    "Check": "one rule of resilience",
    "Collector": "reads facts out of the world",
    "Fact": "one thing that was read, with its source and time",
    "Fallback": "the route that is tried when the one before it fails",
    "Feed": "a provider's status page as a machine reads it",
    "Finding": "what a check says about one service",
    "Gap": "what could not be read, and why",
    "Incident": "several signals of one cause",
    "Lease": "a right to work on something that ends by itself",
    "Ledger": "the database",
    "Outbox": "messages that are accepted and not yet delivered",
    "Probe": "a DNS, TCP, TLS or HTTP request, made to see whether something works",
    "Provider": "a cloud or SaaS; never a notifier",
    "Receipt": "what became of one attempt to deliver a message",
    "Role": "what a person may do",
    "Route": "one way to reach people",
    "Scope": "a place that can be lost: provider, region, product or zone",
    "Scorecard": "the scores of all services at one time",
    "Service": "what the catalogue lists as ours",
    "Signal": "one observation of one thing at one time",
    "Verdict": "the result of a check, and of nothing else",
    "Waiver": "an accepted finding, with a person, a reason and an end",
}

GONE = (
    "board", "desk", "doors", "duty", "footing", "gate", "handling", "hearing", "heard", "keeping", "lookout", "office",
    "patrol", "room", "rounds", "standing", "telling", "toll", "touching", "upkeep", "wire", "witness",
)  # fmt: skip
"""Words that once stood for something and mean nothing to a newcomer."""

SHARED = {
    "Settings",  # the options of a route, beside the route
    "Shape",  # of a webhook body, and of a database
    "ChatRequest",  # each chat platform has its own,
    "Destination",  # as the protocol of a chat platform
    "Reply",  # says which fields there are
}
"""Class names that may be defined more than once, each with its reason."""

PAYLOADS = ("bot/detection/alerts/formats/", "bot/detection/feeds/formats/")
"""A format names the parts of a payload as their sender does: `Alert`, `Body`, `Event`, `Incident`."""


def classes() -> Iterator[tuple[str, str]]:
    for path in sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "checks").rglob("*.py")]):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            shown = path.relative_to(ROOT).as_posix()
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not shown.startswith(PAYLOADS):
                yield node.name, shown


def words_of(name: str) -> list[str]:
    name = name.replace("PagerDuty", "Pagerduty")  # the product, not a duty
    spaced = "".join(f" {letter}" if letter.isupper() else letter for letter in name).replace("_", " ")
    return spaced.lower().split()


def test_a_class_name_means_one_thing() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for name, path in classes():
        places[name].append(path)
    assert {name: found for name, found in places.items() if len(found) > 1 and name not in SHARED} == {}


def test_words_that_mean_nothing_to_a_newcomer_stay_away() -> None:
    names = [*classes(), *((path.stem, str(path.relative_to(ROOT))) for path in (ROOT / "bot").rglob("*.py"))]
    assert [f"{path}: {name}" for name, path in names if set(words_of(name)) & set(GONE)] == []


def test_every_word_of_the_glossary_is_a_name_in_the_code() -> None:
    used = {word for name, path in classes() for word in words_of(name)}
    used |= {word for path in (ROOT / "bot").rglob("*.py") for word in words_of(path.stem)}
    used |= {word.removesuffix("s") for word in used} | {word.replace("ies", "y") for word in used}
    assert [word for word in GLOSSARY if word.lower() not in used] == []


def test_a_verdict_is_the_result_of_a_check_alone() -> None:
    assert [path for name, path in classes() if "verdict" in words_of(name)] == ["checks/_model.py"]

"""Payloads with one field missing, null or of another type: an open incident is never resolved by that, nor missing in silence."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.detection.feeds import FeedError, parse
from bot.detection.feeds.parsing.unread import unread_in

PAYLOADS = Path(__file__).parents[1] / "support" / "samples" / "payloads"
# Each with an open incident, of another vendor.
FILES = (
    "statuspage-docs-example-summary.json", "statuspage-reopened-made.json", "incidentio-openai-20260722.json",
    "instatus-perplexity-20260723.json", "checkly-mistral-20260727.json", "statusio-docker-partial.json",
    "heroku-current-incident.json", "datadog-degradations-20260109.json", "rootly-incidents-docs-example.json",
)  # fmt: skip
ODD: tuple[Any, ...] = (None, 7, "odd", [], {})
Path_ = tuple[str | int, ...]


def paths(value: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Where every field and the first two rows of every list are."""
    entries = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*at, key)
        yield from paths(inner, (*at, key))


def changed(value: Any, at: Path_) -> Iterator[Any]:
    """Copies without the field, and with other values in its place."""
    for new in (..., *ODD):
        made = copy.deepcopy(value)
        holder = made
        for key in at[:-1]:
            holder = holder[key]
        if new is ...:
            if isinstance(holder, list):
                continue  # a row less is no mistake
            del holder[at[-1]]
        else:
            holder[at[-1]] = new
        yield made


@pytest.mark.parametrize("name", FILES)
def test_no_odd_field_ends_an_incident_or_hides_it(name: str) -> None:
    whole = json.loads((PAYLOADS / name).read_bytes())
    going_on = {incident.title for incident in parse(json.dumps(whole).encode()).page.incidents if incident.open}
    assert going_on
    for at in paths(whole):
        for value in changed(whole, at):
            try:
                parsed = parse(json.dumps(value).encode())
            except FeedError:
                continue
            found = {incident.title: incident for incident in parsed.page.incidents}
            ended = [title for title, incident in found.items() if title in going_on and not incident.open]
            assert not ended, at
            hidden = not going_on & found.keys() and not parsed.unread
            assert (
                not hidden or parsed.page.severity is None or parsed.page.severity.is_failure or at[-1] in _EMPTIED
            ), at


_EMPTIED = frozenset({"incidents", "active_incidents", "title", "name", "data"})
"""Where an empty list is no mistake, and what an incident is called by."""


@pytest.mark.parametrize(
    ("value", "unread"),
    [
        ({"incidents": [None, {"id": "a"}]}, "1 of incidents"),
        ({"incidents": ["a", "b"], "scheduled_maintenances": 7}, "2 of incidents, 1 of scheduled_maintenances"),
        ({"data": [{"id": 1}, None]}, "1 of data"),
        ([{"id": 1}, "x"], "1 of the list"),
        ({"a\x1b[31m": [{}, 1]}, "1 of a[31m"),
        # Go writes null for an empty list; tags are words.
        ({"incidents": None, "tags": ["a", "b"]}, ""),
        ({"incidents": []}, ""),
    ],
)
def test_what_is_listed_in_a_shape_that_is_not_read(value: Any, unread: str) -> None:
    assert unread_in(value) == unread


def test_a_page_of_which_a_part_could_not_be_read_is_not_well() -> None:
    page = {"page": {"id": "abcdefabcdef", "name": "L"}, "status": {"indicator": "none"}, "incidents": [None]}
    parsed = parse(json.dumps(page).encode())
    assert (parsed.page.severity, parsed.unread) == (None, "1 of incidents")


def test_a_page_of_statuspage_in_capitals_keeps_its_incidents() -> None:
    text = (PAYLOADS / "statuspage-docs-example-summary.json").read_text().replace('"major_outage"', '"MAJOR_OUTAGE"')
    body = text.replace('"partial_outage"', '"PARTIALOUTAGE"').encode()
    assert [incident.open for incident in parse(body).page.incidents][:1] == [True]

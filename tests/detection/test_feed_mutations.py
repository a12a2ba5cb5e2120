"""Mutated payloads of every format parse into a page in normal form or raise FeedError, nothing else."""

import copy
import json
import random
import re
from datetime import UTC
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.samples.feed_cases import ALL, Case

from bot.app.cli.feed import normal_form
from bot.detection.feeds import FeedError, Parsed, known_formats, parse
from bot.model import IncidentSeverity, IncidentState

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**400, 3.0, -(2**63), 2**63, "", " ", "0", "-1", "resolved", "RESOLVED",
    "maintenance", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z", "\ud800", "a\x00b",
    "<b>\u202ex</b>", "&#99999999999;", "<!channel>", "javascript:alert(1)", "http://[::1", "https://\\evil",
    [], {}, [None], [[]], [{}], {"": {}}, {"id": {"id": 1}}, [1, "a", None],
)  # fmt: skip
BENT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def bent(value: Any, chance: random.Random, rate: float) -> Any:
    """A copy in which keys are missing, values have another type, lists hold something twice."""
    if chance.random() < rate:
        return copy.deepcopy(chance.choice(ODD))
    if isinstance(value, dict):
        kept = {key: bent(inner, chance, rate) for key, inner in value.items() if chance.random() > rate}
        return kept | ({"extra": 1} if chance.random() < rate else {})
    if isinstance(value, list):
        made = [bent(item, chance, rate) for item in value for _ in range(2 if chance.random() < rate else 1)]
        chance.shuffle(made)
        return made
    if isinstance(value, int | float) and not isinstance(value, bool) and chance.random() < rate:
        return str(value)
    return value


def torn(text: str, chance: random.Random) -> str:
    """Text from which pieces are missing, or stand in another place, or are something else."""
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(text) + 1), chance.randint(0, 60)
        other = chance.choice(
            (
                "",
                "<",
                ">",
                "&",
                "]]>",
                "<b>",
                "\x00",
                "&#0;",
                "&#xd800;",
                "&nope;",
                text[at : at + length] * 2,
                "9" * 30,
            )
        )
        text = text[:at] + other + text[at + length :]
    return text


def hold(parsed: Parsed) -> None:
    """What is true of every page in normal form."""
    page = parsed.page
    assert page.severity is None or isinstance(page.severity, IncidentSeverity)
    assert page.url == "" or page.url.startswith(("http://", "https://"))
    assert len({incident.id for incident in page.incidents}) == len(page.incidents)
    for incident in page.incidents:
        assert incident.id
        assert incident.state is None or isinstance(incident.state, IncidentState)
        assert incident.severity is None or isinstance(incident.severity, IncidentSeverity)
        assert incident.url is None or incident.url.startswith(("http://", "https://"))
        moments = (
            incident.started_at,
            incident.updated_at,
            incident.resolved_at,
            incident.ends_at,
            *(said.at for said in incident.updates),
        )
        assert all(at.tzinfo is UTC and 1990 <= at.year < 2200 for at in moments if at)
        texts = (
            incident.id,
            incident.title,
            *incident.services,
            *incident.regions,
            *(said.text for said in incident.updates if said.text),
        )
        assert not any(_UNSEEN.search(text.replace("\n", "")) for text in texts)
        assert all(isinstance(text, str) and text for text in (*incident.services, *incident.regions))
    assert json.loads(normal_form(parsed).encode())["format"] == parsed.format


def survives(body: bytes, *names: str) -> None:
    """Read as each of these: a page that holds, or a FeedError. Anything else fails the test by itself."""
    for name in names:
        try:
            parsed = parse(body, name)
        except FeedError:
            continue
        hold(parsed)


@pytest.mark.parametrize("name", list(known_formats()))
@BENT
@given(st.randoms(use_true_random=False), st.sampled_from((0.02, 0.1, 0.4)))
def test_a_bent_payload_makes_a_page_or_a_feed_error(name: str, chance: random.Random, rate: float) -> None:
    case: Case = chance.choice([entry for entry in ALL if entry.format == name])
    if isinstance(case.payload, str):
        survives(torn(case.payload, chance).encode(errors="surrogatepass"), "", name)
    else:
        survives(json.dumps(bent(case.payload, chance, rate)).encode(), "", name)


@pytest.mark.parametrize("name", list(known_formats()))
def test_the_payload_of_one_format_read_as_another(name: str) -> None:
    for case in ALL:
        survives(case.body, name)


@pytest.mark.parametrize(
    "case", [entry for entry in ALL if not entry.forced and entry.format != "posts"], ids=lambda entry: entry.name
)
def test_a_payload_that_breaks_off_is_never_read(case: Case) -> None:
    """Save posts copied as text: half of them is text too."""
    for part in (0.3, 0.6, 0.95):
        with pytest.raises(FeedError):
            parse(case.body[: int(len(case.body) * part)])

"""`incidents`, `status`, `mine` and the digest say the same of what is open, whatever state the incidents are in."""

import re
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.happenings import ago, sample_affected, sample_incident
from support.builders.moment import NOW

from bot.cards.card import Card
from bot.cards.messages.digest import digest_card
from bot.cards.messages.incident import incidents_card
from bot.cards.messages.my_services import Owned, mine_card
from bot.cards.messages.provider_status import status_card
from bot.cards.messages.status_answer import status_answer
from bot.cards.render import text as to_text
from bot.model.incidents import Affected, Incident, OutageState, Phase, Response
from bot.model.providers import Exposure
from checks import Fate, Scope, Severity

SERVICES = ("checkout", "login", "search")
TEAMS = {"checkout": "payments", "login": "web", "search": ""}
COUNTED = re.compile(r"(?:No incident is open|\d+ incidents? open, \d+ affecting (?:our|your) services)[^.]*\.")


@st.composite
def affected(draw: st.DrawFn) -> tuple[Affected, ...]:
    names = draw(st.lists(st.sampled_from(SERVICES), unique=True))
    fates = [draw(st.sampled_from(list(Fate))) for _ in names]
    pairs = zip(names, fates, strict=True)
    return tuple(
        replace(sample_affected(1)[0], service=name, audience=TEAMS[name], fate=fate, worst=fate)
        for name, fate in pairs
    )


@st.composite
def incidents(draw: st.DrawFn) -> tuple[Incident, ...]:
    found = []
    for number in range(draw(st.integers(0, 5))):
        phase = draw(st.sampled_from(list(Phase)))
        over = phase is Phase.RESOLVED
        quiet = ago(6) if phase in (Phase.RESOLVED, Phase.MONITORING) else None
        found.append(
            sample_incident(
                phase=phase,
                id=f"inc-{number:04}",
                title=f"Provider {number} is failing",
                scopes=(Scope(f"provider-{number}"),),
                affected=draw(affected()),
                outage=draw(st.sampled_from(list(OutageState))),
                ours=draw(st.integers(0, 9)) == 0,
                part_of="inc-9999" if draw(st.integers(0, 7)) == 0 else "",
                worth_alert=draw(st.booleans()),
                wave=draw(st.integers(1, 3)),
                flapping=draw(st.booleans()),
                old=draw(st.integers(0, 5)) == 0,
                severity=draw(st.sampled_from(list(Severity))),
                quiet_since=quiet,
                resolved_at=ago(5) if over else None,
                handling=draw(st.sampled_from([Response(), Response("Ada", ago(9)), Response(escalated_to=("web",))])),
                words=(),
            )
        )
    return tuple(found)


def drawn(found: tuple[Incident, ...]) -> dict[str, Card]:
    exposure = Exposure({"provider-0": ("checkout",)}, {})
    still_open = tuple(incident for incident in found if incident.open)
    return {
        "incidents": incidents_card(found),
        "status": status_answer((), exposure, NOW, incidents=found),
        "mine": mine_card(
            [Owned(name, None) for name in SERVICES],
            scorecard=None,
            organisation="Acme",
            posts=(),
            called="slack:U1",
            incidents=still_open,
        ),
        "digest": digest_card(found, name="Acme", since=NOW - timedelta(days=1), now=NOW),
    }


def said(card: Card) -> str:
    return " ".join(to_text.render(card, 2000).split())


@given(incidents())
@settings(max_examples=120, deadline=None)
def test_the_same_incidents_are_open_on_every_card_and_counted_alike(found: tuple[Incident, ...]) -> None:
    cards = drawn(found)
    numbers = {
        name: {
            key: (card.data or {}).get("incidents" if key == "" else key) for key in ("open", "affecting", "may_affect")
        }
        for name, card in cards.items()
    }
    numbers["mine"] = dict((cards["mine"].data or {})["incidents"])
    told = [numbers[name] for name in cards]
    if any(incident.open and not incident.part_of for incident in found):
        assert told == [told[0]] * 4
        sentences = {
            match.replace("your services", "our services")
            for card in cards.values()
            for match in COUNTED.findall(said(card))
        }
        assert len(sentences) == 1
    else:
        assert not any(numbers[name].get("open") for name in cards)


@given(incidents())
@settings(max_examples=120, deadline=None)
def test_an_open_incident_has_one_state_and_one_effect_on_every_card(found: tuple[Incident, ...]) -> None:
    cards = drawn(found)
    for incident in found:
        shown = {name: said(card) for name, card in cards.items()}
        if incident.part_of:
            assert all(incident.id not in words for words in shown.values())
            continue
        if not incident.open:
            assert incident.id not in shown["status"]
            assert incident.id not in shown["mine"]
            continue
        alone = {name: said(card) for name, card in drawn((incident,)).items()}
        hit = incident.ours or incident.touches_us
        assert incident.id in shown["incidents"]
        assert incident.id in shown["status"]
        assert (incident.id in shown["mine"]) == hit
        assert (incident.id in shown["digest"]) == hit
        states = {
            word
            for words in alone.values()
            for word in re.findall(r"(?:suspected|recovering), (?:was )?\w+|[✗!?] (?:down|degraded|reported)", words)
        }
        assert len({state.lstrip("✗!? ") for state in states}) <= 1, alone


@given(incidents(), st.sampled_from(["payments", "web"]))
@settings(max_examples=120, deadline=None)
def test_a_team_reads_the_same_of_its_services_in_its_digest_as_its_people_do(
    found: tuple[Incident, ...], team: str
) -> None:
    owned = [Owned(name, None) for name in SERVICES if TEAMS[name] == team]
    digest = digest_card(found, name=team, audience=team, since=NOW - timedelta(days=1), now=NOW)
    mine = mine_card(owned, scorecard=None, organisation="Acme", posts=(), called="slack:U1", incidents=found)
    told, own = digest.data or {}, (mine.data or {})["incidents"]
    assert {key: told[key] for key in ("open", "affecting", "may_affect")} == own


def test_no_status_page_and_no_incident_is_no_all_clear() -> None:
    assert "unknown" in status_card((), needed_by={}, now=NOW).title

"""What fails of one provider in several places at the same moment is one incident; what one page lists at once is not."""

from datetime import datetime

from support.builders.signals import Days, controls, minutes, page, probe

from bot.model.signals import Signal

PLACES = (("gra", "object storage"), ("ca", "api"), ("global", "website"))


def ovh(at: datetime, *places: tuple[str, str], bad: bool = True) -> list[Signal]:
    return [probe("ovh", region, part, bad=bad, at=at) for region, part in places]


def test_parts_of_a_provider_that_fail_together_are_one_incident() -> None:
    days = Days()
    days.pass_by(minutes(5), lambda at: [*controls(at), *ovh(at, *PLACES, bad=False)])
    for number in range(1, len(PLACES) + 1):  # probes find out one after another
        bad, well = PLACES[:number], PLACES[number:]
        days.pass_by(
            minutes(1),
            lambda at, bad=bad, well=well: [*controls(at), *ovh(at, *bad), *ovh(at, *well, bad=False)],  # type: ignore[misc]
        )
    days.pass_by(minutes(3), lambda at: [*controls(at), *ovh(at, *PLACES)])
    incident = days.only()
    assert {(scope.region, scope.part) for scope in incident.scopes} == set(PLACES)


def test_another_region_that_fails_later_is_an_incident_of_its_own() -> None:
    days = Days()
    days.pass_by(minutes(10), lambda at: [*controls(at), *ovh(at, PLACES[0]), *ovh(at, PLACES[1], bad=False)])
    days.pass_by(minutes(10), lambda at: [*controls(at), *ovh(at, *PLACES[:2])])
    assert len(days.state.incidents) == 2


def test_what_a_page_lists_at_once_stays_apart() -> None:
    days = Days()
    days.pass_by(minutes(30), lambda at: [page("ovh", region, part, at=at) for region, part in PLACES[:2]])
    assert len(days.state.incidents) == 2

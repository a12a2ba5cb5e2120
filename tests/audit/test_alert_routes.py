"""The tree of routes finds the receivers that Alertmanager's own tool finds, and says so where a label is not known."""

import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.builders.alert_routes import NAMES, configuration, labels, text_of
from support.builders.moment import NOW
from support.processes.monitoring import AMTOOL, IN_CI

from bot.audit.collectors.monitors.alertmanager.intervals import IntervalError, quiet_hours, read_intervals
from bot.audit.collectors.monitors.alertmanager.matchers import LabelMatcher, MatcherError, matchers_of, parse_matchers
from bot.audit.collectors.monitors.alertmanager.routes import (
    AlertRoute,
    TooManyOutcomesError,
    route_tree,
    routes_that_take,
)
from bot.audit.collectors.monitors.alertmanager.yaml_text import read_yaml

TREES = 30


def tree_of(text: str) -> AlertRoute:
    return route_tree(read_yaml(text)["route"], matchers_of)


def quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def receivers(root: AlertRoute, known: dict[str, str]) -> list[str]:
    [outcome] = routes_that_take(root, known, frozenset())
    return list(dict.fromkeys(route.receiver for route in outcome))


@pytest.mark.skipif(AMTOOL is None and not IN_CI, reason="amtool of Alertmanager is not installed")
def test_the_receivers_are_those_of_amtool(tmp_path: Path) -> None:
    random_ = random.Random(20)  # noqa: S311 - the same trees each time
    file = tmp_path / "alertmanager.yml"
    for number in range(TREES):
        text = text_of(configuration(random_))
        file.write_text(text, encoding="utf-8")
        known = labels(random_)
        pairs = [f'{name}="{quoted(value)}"' for name, value in known.items()]
        done = subprocess.run(  # noqa: S603 - the tool and its arguments are those of the test
            [str(AMTOOL), "config", "routes", "test", f"--config.file={file}", *pairs],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (number, text, done.stderr)
        assert receivers(tree_of(text), known) == list(dict.fromkeys(done.stdout.strip().split(","))), (text, known)


def test_what_is_not_known_leaves_every_possible_outcome_open() -> None:
    random_ = random.Random(21)  # noqa: S311 - the same trees each time
    told = 0
    for _ in range(400):
        root = tree_of(text_of(configuration(random_)))
        whole = labels(random_)
        hidden = frozenset(random_.sample(NAMES, random_.randint(1, 2)))
        known = {name: value for name, value in whole.items() if name not in hidden}
        possible = None if random_.random() < 0.2 else hidden
        try:
            outcomes = routes_that_take(root, known, possible)
        except TooManyOutcomesError:
            continue
        [actual] = routes_that_take(root, whole, frozenset())
        assert actual in outcomes
        told += len(outcomes) == 1
    assert told > 20  # a label that decides nothing leaves one outcome


@pytest.mark.parametrize(
    ("text", "matchers"),
    [
        ('foo="bar"', [("foo", "=", "bar")]),
        ("foo=bar", [("foo", "=", "bar")]),
        ('{foo="bar", dings!~"a|b"}', [("foo", "=", "bar"), ("dings", "!~", "a|b")]),
        ("foo=~ab.*, bar!=x", [("foo", "=~", "ab.*"), ("bar", "!=", "x")]),
        ('"foo bar"="b,a}r"', [("foo bar", "=", "b,a}r")]),
        ('"Größe"=~"\\\\d+"', [("Größe", "=~", "\\d+")]),
        ('foo="a\\nb"', [("foo", "=", "a\nb")]),
        ("foo=", [("foo", "=", "")]),
        ("", []),
    ],
)
def test_both_syntaxes_are_read(text: str, matchers: list[tuple[str, str, str]]) -> None:
    assert parse_matchers(text) == tuple(LabelMatcher(*matcher) for matcher in matchers)


@pytest.mark.parametrize("text", ["foo", 'foo=~"("', "=bar", 'foo="a" bar="b"', "foo=~" + "a" * 5000])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(MatcherError):
        parse_matchers(text)


def test_a_tree_that_repeats_itself_without_end_is_refused() -> None:
    body: dict[str, Any] = {"receiver": "a"}
    for _ in range(30):
        body = {"receiver": "a", "routes": [body, body]}
    with pytest.raises(MatcherError, match="too many"):
        route_tree(body, matchers_of)


def test_a_time_without_quotes_is_no_number() -> None:
    found = read_yaml("a: 17:00\nb: 2020:2022\nc: true\nd: [1:5]")
    assert found == {"a": "17:00", "b": "2020:2022", "c": True, "d": ["1:5"]}


@pytest.mark.parametrize(
    ("intervals", "hours"),
    [
        ([{"times": [{"start_time": "00:00", "end_time": "06:00"}]}], 42.0),
        ([{"weekdays": ["saturday:sunday"]}], None),
        ([{"weekdays": ["saturday", "sunday"]}], 48.0),
        ([{"weekdays": ["monday:friday"], "times": [{"start_time": "09:00", "end_time": "17:00"}]}], 40.0),
        ([{"years": ["1999"]}], 0.0),
        ([{"days_of_month": ["-1"]}, {"days_of_month": ["1:31"]}], 168.0),
        ([{"months": ["january:december"], "location": "Europe/Berlin"}], 168.0),
        ([{}], 168.0),
    ],
)
def test_intervals_mute_their_hours_of_a_week(intervals: list[dict[str, Any]], hours: float | None) -> None:
    if hours is None:  # a span of weekdays does not run backwards
        assert read_intervals([{"name": "x", "time_intervals": intervals}])["x"]
        return
    found = read_intervals([{"name": "x", "time_intervals": intervals}])["x"]
    assert quiet_hours(found, (), NOW) == hours
    assert quiet_hours((), found, NOW) == 168.0 - hours
    assert quiet_hours((), (), NOW) == 0.0


@pytest.mark.parametrize(
    "odd", [{"weekdays": ["someday"]}, {"times": [{"start_time": "x"}]}, {"location": "Mars"}, "x"]
)
def test_an_odd_interval_is_refused(odd: Any) -> None:
    with pytest.raises(IntervalError):
        read_intervals([{"name": "x", "time_intervals": [odd]}])

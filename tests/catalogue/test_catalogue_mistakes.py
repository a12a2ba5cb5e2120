"""backstay.yaml with mistakes: all of them at once, each with its place; hostile files do no harm."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples.catalogues import FULL, MISTAKEN

from bot.app.settings import SettingsFile
from bot.catalogue import MAX_BYTES, CatalogueFile, ConfigError, ConfigProblem, known, nearest, parse, read, resolve
from bot.catalogue.yaml_source import MAX_VALUES, read_documents


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, "b.yaml")
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("name", MISTAKEN)
def test_every_mistake_at_once(name: str) -> None:
    text, expected = MISTAKEN[name]
    told = mistakes(text)
    assert len(told) == len(expected), told
    for line, piece in zip(told, expected, strict=True):
        assert piece in line


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123456789012-abcdefghijkl",
        "xapp-1-A0123-4567-abcdef",
        "https://hooks.slack.com/services/T0/B0/abc",
        "https://prod-1.westeurope.logic.azure.com/workflows/1?sig=abcdefghijkl",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "postgresql://backstay:hunter22@db/ledger",
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_repeated(secret: str) -> None:
    for text in (
        f"organisation: {secret}\n",
        f"audiences: {{a: [{{webhook: '{secret}'}}]}}\n",
        f"services: [{{name: a, users: '{secret}', tier: '{secret}', rto: '{secret}', depends_on: ['{secret}']}}]\n",
        f"unknown: '{secret}'\n",
    ):
        told = "\n".join(mistakes(text))
        assert "write env:NAME or file:PATH" in told
        assert secret not in told


@pytest.mark.parametrize(
    ("webhook", "said"),
    [
        ("https://events.example/integration/0123456789abcdef0123/enqueue", "part of this address looks like a key"),
        ("ftp://events.example/x", "expected env:NAME, file:PATH or an http(s) address, not 'ftp://events.example/x'"),
        ("https://[", "expected env:NAME, file:PATH or an http(s) address"),
        ("hook", "expected env:NAME, file:PATH or an http(s) address, not 'hook'"),
        ("{url: env:X, headers: {Authorization: Bearer hunter22}}", "the header Authorization carries a secret"),
        ("{url: env:X, headers: {X-Api-Key: hunter22}}", "the header X-Api-Key carries a secret"),
    ],
)
def test_an_address_and_its_headers_keep_no_secret(webhook: str, said: str) -> None:
    written = webhook if webhook.startswith("{") else f"'{webhook}'"
    (told,) = mistakes(f"audiences: {{a: [{{webhook: {written}}}]}}\n")
    assert said in told
    assert "hunter22" not in told


def test_a_mistake_deep_in_a_long_file_has_its_line() -> None:
    services = "".join(f"  - name: s{n}\n    tier: 2\n" for n in range(3000))
    (told,) = mistakes(f"services:\n{services}    tire: 1\n")
    assert told.startswith("b.yaml:6002:5: services[2999].tire: unknown key 'tire'; did you mean 'tier'?")


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 0 30 2 *", "'0 0 30 2 *' is not a cron expression (Bad day-of-month)"),
        ("* * * * * *", "'* * * * * *' has 6 fields; expected minute hour day month weekday"),
        ("61 * * * *", "is not a cron expression (Bad minute)"),
        ("@weekly", "'@WEEKLY' has 1 fields; expected"),
        ("", "expected a cron expression such as '0 9 * * MON', not ''"),
    ],
)
def test_a_time_that_never_comes_or_is_none(cron: str, said: str) -> None:
    assert said in mistakes(f"audiences: {{a: {{routes: [{{slack: '#a'}}], schedules: ['{cron}']}}}}\n")[0]


def test_growth_through_aliases_is_bounded() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{letter}: &{letter} [{','.join('*' + before for _ in range(10))}]\n"
        for before, letter in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert any("expands to more than" in line and "aliases" in line for line in mistakes(bomb))
    (document,) = read_documents(bomb, "b.yaml")
    assert len(document.places) < 2 * MAX_VALUES


def test_an_alias_inside_itself_is_told() -> None:
    assert any("contains itself through an alias" in line for line in mistakes("services: &a [*a]\n"))
    assert any("<< takes a mapping" in line for line in mistakes("tiers: &a {<<: *a}\n"))


def test_depth_and_size_are_bounded() -> None:
    assert "nested more than" in mistakes("[" * 100_000)[0]
    assert "the limit is" in mistakes("#" * (MAX_BYTES + 1))[0]


def test_python_objects_are_not_made() -> None:
    assert "is not allowed here" in mistakes("organisation: !!python/object/apply:os.getcwd []\n")[0]
    assert "is not allowed here" in mistakes("organisation: !mine x\n")[0]


def test_control_characters_are_a_mistake_not_a_crash() -> None:
    assert "is not valid YAML" in mistakes("organisation: a\x00b\n")[0]


def judge(text: str) -> tuple[ConfigProblem, ...]:
    """The mistakes of a whole settings file, none where it loads."""
    try:
        made, document = parse(text, "b.yaml", SettingsFile)
    except ConfigError as error:
        return error.problems
    resolve(made, known(document.data or {}), Path())
    return ()


DAMAGE = st.text(alphabet="{}[]:,-&*!|>'\"#\n\t a1\u2028😀", max_size=6)
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)
KEYS = sorted(SettingsFile.model_fields)


@settings(deadline=None)
@given(st.integers(0, len(FULL)), DAMAGE, st.integers(0, 12))
def test_any_damage_to_a_good_file_is_told_or_harmless(at: int, insert: str, cut: int) -> None:
    text = FULL[:at] + insert + FULL[at + cut :]
    lines = len(text.splitlines()) + 2
    assert all(problem.text and problem.line <= lines for problem in judge(text))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), SHAPES, max_size=3))
def test_a_value_of_any_shape_anywhere_is_told_or_harmless(values: dict[str, object]) -> None:
    text = yaml.safe_dump(values, allow_unicode=True)
    assert all(problem.text and 0 < problem.line <= len(text.splitlines()) + 1 for problem in judge(text))


@settings(deadline=None)
@given(SHAPES)
def test_a_service_of_any_shape_is_told_or_harmless(value: object) -> None:
    every = dict.fromkeys(("name", "tier", "depends_on", "resources", "runbook", "drills", "labels", "users"), value)
    assert judge(yaml.safe_dump({"services": [value, every]}, allow_unicode=True))


def test_the_nearest_name() -> None:
    assert nearest("logn", ["login", "billing"]) == "login"
    assert nearest("LOGIN", ["login"]) == "login"
    assert nearest("us-esat-1", ["us-east-1", "us-west-1"]) == "us-east-1"
    assert nearest("zzz", ["login"]) == ""
    assert nearest("1", ["2"]) == ""


def test_the_schema_lists_practices_and_checks() -> None:
    defined = CatalogueFile.model_json_schema()["$defs"]
    practices = defined["AttestationSection"]["properties"]["practice"]["enum"]
    assert practices == [
        "alert_test",
        "exit_plan",
        "infrastructure_as_code",
        "kill_switch",
        "load_shedding",
        "training",
    ]
    assert "RG01" in defined["WaiverSection"]["properties"]["check"]["enum"]


@pytest.mark.parametrize("written", ["kill_switch", "kill-switch", "Kill switch"])
def test_a_practice_is_understood_as_people_write_it(written: str) -> None:
    text = f"services: [{{name: a, attestations: [{{practice: {written}, by: Kim, at: 2026-08-01}}]}}]"
    (entry,) = read(text).entries
    assert entry.declared.attestations[0].practice == "kill_switch"

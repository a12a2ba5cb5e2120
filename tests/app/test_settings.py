"""Settings: which file is read, what the environment says above it, where secrets come from, the JSON Schema."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import jsonschema
import pytest
import yaml
from support.builders.facts import datastore, queue
from support.samples.catalogues import FULL, MISTAKEN, SMALLEST

from bot.app.settings import RoleSettings, load, schema, secret
from bot.audit.bootstrap import catalogue_from_facts
from bot.catalogue import MAX_BYTES, ConfigError
from bot.model import Caller, Membership, Role

TOKEN = "xoxb-123456789012-secret"


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    path = tmp_path / "backstay.yaml"
    path.write_text(FULL)
    return path


def test_the_whole_file(file: Path) -> None:
    made = load(file, {})
    assert (made.organisation, made.currency, made.timezone, made.path) == ("Acme", "EUR", "Europe/Berlin", file)
    assert (made.aws.profile, made.aws.regions, made.aws.organization) == ("audit", ("us-east-1", "eu-central-1"), True)
    assert (made.slack.bot_token, made.slack.command, made.slack.over_socket) == ("env:SLACK_BOT_TOKEN", "/wind", False)
    assert made.slack.signing_secret == f"file:{file.parent}/secrets/signing"
    assert (made.web.host, made.web.port) == ("127.0.0.1", 0)
    assert made.ledger_address() == str(file.parent / "state/backstay.db")


def test_no_file_is_an_empty_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = load(None, {"HOME": "/home/kim"})
    assert (made.path, made.catalogue.entries, made.catalogue.warnings) == (None, (), ())
    assert made.ledger_address() == "/home/kim/.local/state/backstay/backstay.db"
    assert load(None, {"HOME": "/h", "XDG_STATE_HOME": "/state"}).ledger_address() == "/state/backstay/backstay.db"


def test_each_estate_has_a_ledger_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = {"HOME": "/h"}
    for name in ("shop", "bank"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "backstay.yaml").write_text("organisation: Acme\n")
    shop, bank = (load(tmp_path / name / "backstay.yaml", home).ledger_address() for name in ("shop", "bank"))
    assert shop.startswith("/h/.local/state/backstay/shop-")
    assert shop != bank
    (tmp_path / "linked.yaml").symlink_to(tmp_path / "shop" / "backstay.yaml")
    assert load(tmp_path / "linked.yaml", home).ledger_address() != shop
    monkeypatch.chdir(tmp_path / "shop")
    assert load(None, home).ledger_address() == shop, "named or found, it is the same file"
    monkeypatch.chdir(tmp_path)
    audit = load(None, {**home, "AWS_PROFILE": "audit/eu west"}).ledger_address()
    assert audit.startswith("/h/.local/state/backstay/audit-eu-west-")


def test_which_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("backstay.yaml", "named.yaml", "given.yaml"):
        (tmp_path / name).write_text(f"organisation: {name}\n")
    env = {"BACKSTAY_CONFIG": str(tmp_path / "named.yaml")}
    assert load(None, {}).organisation == "backstay.yaml"
    assert load(None, env).organisation == "named.yaml"
    assert load(tmp_path / "given.yaml", env).organisation == "given.yaml"


def test_the_environment_wins(file: Path) -> None:
    made = load(
        file,
        {
            "BACKSTAY_SLACK__API_URL": "http://127.0.0.1:9/api/",
            "BACKSTAY_SLACK__BOT_TOKEN": TOKEN,
            "backstay_slack__app_token": "file:/run/app",
            "BACKSTAY_AWS__REGIONS": "eu-west-1, eu-west-2",
            "BACKSTAY_WEB__PORT": "8181",
            "BACKSTAY_LEDGER": "postgresql://backstay:hunter22@db/ledger",
            "BACKSTAY_ORGANISATION": "Other",
            "BACKSTAY_GRACE": "",
            "BACKSTAY_SERVICES": "ignored: they belong into the file",
            "BACKSTAY_NOTHING_OF_OURS": "x",
        },
    )
    assert (made.slack.api_url, made.web.port) == ("http://127.0.0.1:9/api/", 8181)
    assert (made.aws.regions, made.aws.profile) == (("eu-west-1", "eu-west-2"), "audit")
    assert (made.slack.app_token, made.slack.over_socket) == ("file:/run/app", True)
    assert made.secret(made.slack.bot_token) == TOKEN
    assert made.ledger_address() == "postgresql://backstay:hunter22@db/ledger"
    assert (made.organisation, len(made.catalogue.services)) == ("Other", 2)
    assert TOKEN not in repr(made)
    assert "hunter22" not in repr(made)


def test_a_mistaken_variable_is_named(file: Path) -> None:
    file.write_text("organisation: A\nteirs: {}\n")
    with pytest.raises(ConfigError) as caught:
        load(file, {"BACKSTAY_WEB__PORT": "many", "BACKSTAY_SLACK__API_ULR": "x", "BACKSTAY_TIMEZONE": "Europe/Berln"})
    assert [str(problem).removeprefix(str(file)) for problem in caught.value.problems] == [
        "BACKSTAY_TIMEZONE: unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
        "BACKSTAY_SLACK__API_ULR: unknown key 'api_ulr'; did you mean 'api_url'?",
        "BACKSTAY_WEB__PORT: expected a whole number, not 'many'",
        ":2:1: teirs: unknown key 'teirs'; did you mean 'tiers'?",
    ]


def test_a_misspelt_variable_is_told(file: Path) -> None:
    env = {"BACKSTAY_LEGDER": "x", "BACKSTAY_SLAK__API_URL": "y", "BACKSTAY_CONFIG": "", "BACKSTAY_HOOK_SECRET": "z"}
    told = [str(problem) for problem in load(file, env).catalogue.warnings if problem.file.startswith("BACKSTAY")]
    assert told == [
        "BACKSTAY_LEGDER: is not a setting; did you mean BACKSTAY_LEDGER?",
        "BACKSTAY_SLAK__API_URL: is not a setting; did you mean BACKSTAY_SLACK__API_URL?",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"#" * (MAX_BYTES + 1), "the limit is"),
        (b"organisation: a\nservices: \xff\n", ":2:11: byte 0xff is not UTF-8 text; save the file as UTF-8"),
        (b"services:\n\t- name: a\n", ":2:1: has a tab here; indent with spaces"),
        (b"services:\n  - name: a\n\t- name: b\n", ":3:1: has a tab here; indent with spaces"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        load(path, {})


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nope\.yaml: cannot be read: No such file"):
        load(tmp_path / "nope.yaml", {})
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path, {})


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(SMALLEST, encoding="utf-8-sig")
    assert load(path, {}).organisation == "Acme"


def test_secrets_come_from_variables_and_files(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    held = secret(f"file:{tmp_path}/token", {})
    assert held.get_secret_value() == TOKEN
    assert TOKEN not in f"{held} {held!r}"
    assert secret("env:T", {"T": f" {TOKEN} "}).get_secret_value() == TOKEN


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("env:MISSING", "env:MISSING: variable MISSING is not set or is empty"),
        ("env:EMPTY", "env:EMPTY: variable EMPTY is not set or is empty"),
        ("file:/nonexistent/token", "file:/nonexistent/token: cannot read the file: No such file or directory"),
        ("file:/dev/null", "file:/dev/null: the file is empty or longer than 64 KiB"),
        (TOKEN, "a secret: must be a reference: env:NAME or file:PATH"),
    ],
)
def test_a_secret_that_cannot_be_had(reference: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        secret(reference, {"EMPTY": " "})
    assert str(caught.value) == said


def test_missing_secrets_of_a_start_are_told_all_at_once_by_setting_and_line(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(
        "slack:\n  bot_token: env:BOT\n  signing_secret: file:signing\n"
        "teams: {app_id: a, app_password: env:TEAMS, tenant_id: t}\n"
        "audiences: {ops: {routes: [{webhook: env:HOOK}]}}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load(path, {"BACKSTAY_SLACK__BOT_TOKEN": TOKEN}).require_secrets()
    assert str(caught.value).splitlines() == [
        f"{path}:3:3: slack.signing_secret: cannot read the file: No such file or directory",
        f"{path}:4:20: teams.app_password: variable TEAMS is not set or is empty",
    ]
    (tmp_path / "signing").write_text("s")
    load(path, {"BOT": TOKEN, "TEAMS": "p"}).require_secrets()


def test_a_slack_route_without_slack_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("audiences: {a: [{slack: '#a'}]}\n")
    assert "audiences.a: has a Slack route, but slack.bot_token is not set" in str(load(path, {}).catalogue.warnings[0])
    assert load(path, {"BACKSTAY_SLACK__BOT_TOKEN": TOKEN}).catalogue.warnings == ()


@pytest.mark.parametrize(
    ("caller", "role"),
    [
        (Caller("slack", "U1"), Role.RESPONDER),
        (Caller("teams", "U1"), Role.VIEWER),
        (Caller("slack", "U9", groups=("S7",)), Role.RESPONDER),
        (Caller("slack", "U2"), Role.ADMIN),
        (Caller("slack", "U9"), Role.VIEWER),
    ],
)
def test_who_may_do_what(caller: Caller, role: Role) -> None:
    roles = RoleSettings(everyone=Role.VIEWER, responder=("slack:U1", "S7"), admin=("U2",))
    assert roles.role_of(caller) is role


@pytest.mark.parametrize(
    ("text", "external"), [("{}", None), ("{external: none}", None), ("{external: viewer}", Role.VIEWER)]
)
def test_without_a_setting_everybody_may_read_and_outsiders_nothing(
    tmp_path: Path, text: str, external: Role | None
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"organisation: Acme\nroles: {text}\n")
    roles = load(path, {}).roles
    assert roles.role_of(Caller("slack", "U9")) is Role.VIEWER
    for outside in (Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN):
        assert roles.role_of(Caller("teams", "U9", membership=outside)) is external


def test_settings_are_light() -> None:
    probe = "import sys, bot.app.settings; print([m for m in ('boto3', 'slack_bolt', 'sqlalchemy', 'jinja2') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert out.stdout.strip() == "[]"


def valid(text: str) -> list[str]:
    checker = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())
    return [error.message for error in checker.iter_errors(as_editors_read(text))]


def as_editors_read(text: str) -> Any:
    """YAML 1.2's data, dates left as text: what a language server judges."""

    class Core(yaml.SafeLoader):
        pass

    Core.yaml_implicit_resolvers = {
        first: [(tag, shape) for tag, shape in resolvers if tag.rpartition(":")[2] not in ("timestamp", "bool")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    data = yaml.load(text, Loader=Core)  # noqa: S506 - a SafeLoader with fewer types
    return booleans(data)


def booleans(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): booleans(item) for key, item in value.items()}
    if isinstance(value, list):
        return [booleans(item) for item in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def test_the_schema_takes_what_loads() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert valid(SMALLEST) == []
    assert valid(FULL) == []


def test_the_schema_takes_what_init_writes() -> None:
    tags = {"service": 'a "b": [c]', "team": "x: y", "depends-on": "pay"}
    text = catalogue_from_facts(
        [datastore("db", tags=tags), datastore("other", tags={"service": "pay"}), queue("jobs", stack="s")]
    )
    assert valid(text) == []


@pytest.mark.parametrize("name", ["bad values", "bad routes", "wrong shapes"])
def test_the_schema_refuses_what_does_not_load(name: str) -> None:
    assert valid(MISTAKEN[name][0])


def test_the_schema_explains_every_key() -> None:
    for name, section in schema()["$defs"].items():
        for form in section.get("anyOf", [section]):
            for key, value in form.get("properties", {}).items():
                assert value.get("description"), f"{name}.{key}"


def test_hooks_heartbeat_and_admins(tmp_path: Path) -> None:
    text = """
    audiences: {ops: {routes: [{file: "-"}]}}
    hooks: {token: env:HOOK, secret: file:keys/hook}
    heartbeat: env:BEAT
    admin_audience: ops
    fallback_tests: false
    """
    (tmp_path / "backstay.yaml").write_text(dedent(text))
    made = load(tmp_path / "backstay.yaml", {})
    assert (made.hooks.token, made.hooks.secret) == ("env:HOOK", f"file:{tmp_path / 'keys/hook'}")
    assert (made.hooks.enabled, made.heartbeat.url) == (True, "env:BEAT")
    assert (made.admin_audience, made.fallback_tests) == ("ops", False)


def test_admins_that_are_no_audience_are_told(tmp_path: Path) -> None:
    (tmp_path / "backstay.yaml").write_text('audiences: {ops: {routes: [{file: "-"}]}}\nadmin_audience: opps\n')
    with pytest.raises(ConfigError, match="unknown audience 'opps'; did you mean 'ops'"):
        load(tmp_path / "backstay.yaml", {})


@pytest.mark.parametrize("written", ["29d", "0s", "4000d"])
def test_a_retention_that_forgets_too_soon_or_never_is_refused(tmp_path: Path, written: str) -> None:
    path = tmp_path / "backstay.yaml"
    path.write_text(f"retention: {written}\n")
    with pytest.raises(ConfigError, match=r"retention.*between 30d and 3660d"):
        load(path, {})
    path.write_text("retention: 90d\n")
    assert load(path, {}).retention == timedelta(days=90)

"""Monitoring systems in backstay.yaml: what is accepted, and what audit and doctor say about them, as a user sees it."""

import json
from pathlib import Path

import pytest
from support.fakes.monitoring import TOKEN, alertmanager, prometheus, rule
from support.harness.command_line import command_line
from support.harness.loopback import closed_port, serving

from bot.app.settings import load
from bot.app.wiring.audit import reads_aws
from bot.app.wiring.monitors import accesses
from bot.catalogue import ConfigError

SERVICES = "services: [{name: checkout, tier: 1, deployments: [{on: aws/eu-west-1}]}]\n"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("{kind: prometheus}", "prometheus needs url"),
        ("{kind: nagios, url: 'https://x.example'}", "kind"),
        ("{kind: prometheus, url: 'ftp://x.example'}", "url"),
        ("{kind: grafana, url: 'https://x.example'}", "grafana needs token or user"),
        ("{kind: prometheus, url: 'https://x.example', token: abc}", "secrets do not belong in this file"),
        (
            "{kind: prometheus, url: 'http://x.example', token: 'env:T'}",
            "unencrypted; use url: https://... or set insecure: true",
        ),
        ("{kind: prometheus, url: 'https://x.example', user: me}", "user needs password beside it"),
        ("{kind: prometheus, url: 'https://x.example', people: [a]}", "people is not a setting of prometheus"),
        ("{kind: prometheus, url: 'https://x.example', timeout: soon}", "expected a duration"),
    ],
)
def test_a_mistake_is_named_with_what_to_write(entry: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "backstay.yaml"
    path.write_text(f"monitors: [{entry}]\n")
    with pytest.raises(ConfigError, match="monitors") as error:
        load(path, {})
    assert says in str(error.value)


def test_systems_get_names_and_secrets_and_files_beside_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "backstay.yaml"
    (tmp_path / "token").write_text("a-token-made-up\n")
    path.write_text(
        "monitors:\n"
        "- {kind: prometheus, url: 'http://10.0.0.5:9090/'}\n"
        "- {kind: prometheus, url: 'http://10.0.0.5:9090', tenant: shop}\n"
        "- {kind: alertmanager, url: 'http://127.0.0.1:9093', token: 'file:token', ca_file: ca.pem}\n"
        "- {kind: grafana, name: main, url: 'https://g.example/sub', token: 'env:MISSING'}\n"
    )
    first, second, third, fourth = accesses(load(path, {}))
    assert (first.name, first.url, first.problem) == ("10.0.0.5:9090", "http://10.0.0.5:9090", "")
    assert (second.name, second.tenant) == ("10.0.0.5:9090 prometheus 2", "shop")
    assert third.token.get_secret_value() == "a-token-made-up"
    assert third.ca_file == str(tmp_path / "ca.pem")
    assert (fourth.name, fourth.url) == ("main", "https://g.example/sub")
    assert "MISSING" in fourth.problem, "a missing secret is its own system's problem"


def test_no_cloud_is_read_where_services_select_nothing(tmp_path: Path) -> None:
    path = tmp_path / "backstay.yaml"
    monitors = "monitors: [{kind: prometheus, url: 'http://10.0.0.5:9090'}]\n"
    for text, reads in (
        (SERVICES, True),
        (SERVICES + monitors, False),
        (monitors, True),
        ("services: [{name: a, resources: {tags: {app: a}}}]\n" + monitors, True),
        (SERVICES + monitors + "accounts: ['111122223333']\n", True),
    ):
        path.write_text(text)
        assert reads_aws(load(path, {})) is reads, text


async def test_audit_and_doctor_show_what_was_read_and_what_was_not(tmp_path: Path) -> None:
    errors = prometheus(
        [rule(), rule("Slow", query="latency_seconds > 1")],
        lambda text: [] if "latency" in text else [{"service": "checkout"}],
    )
    async with serving(errors.app()) as prom, serving(alertmanager().app()) as am:
        run = command_line(tmp_path, "http://127.0.0.1:1")
        run.write(
            SERVICES + "monitors:\n"
            f"- {{kind: prometheus, name: prom, url: '{prom}', token: 'env:MONITORING', runs_on: [gcp/europe-west3]}}\n"
            f"- {{kind: alertmanager, name: am, url: '{am}', token: 'env:MONITORING'}}\n"
            f"- {{kind: grafana, name: dead, url: 'http://127.0.0.1:{closed_port()}', token: 'env:MONITORING'}}\n"
        )
        doctor = await run.run("doctor", "--no-call", "--within", "60s", MONITORING=TOKEN)
        audit = await run.run("audit", "--format", "json", MONITORING=TOKEN)
    assert "monitor prom: answers: 2 alerts" in doctor.out
    assert "monitor am: answers: 0 alerts" in doctor.out
    assert "monitor dead: no answer to" in doctor.out
    assert TOKEN not in doctor.out + doctor.err + audit.out + audit.err
    found = json.loads(audit.out)
    verdicts = {finding["check"]: finding for finding in found["services"][0]["findings"]}
    assert verdicts["OB01"]["outcome"] == "pass"
    assert verdicts["OB01"]["summary"] == "Prometheus alert rule HighErrorRate notifies someone of errors of checkout"
    assert verdicts["OB02"]["outcome"] == "unknown"
    assert "connection refused" in verdicts["OB02"]["summary"]
    [unread] = [row for row in found["unread"] if row["source"] == "monitor dead"]
    assert "connection refused" in unread["reason"]

"""Manifests in files and from Kustomize or Helm output: many documents, Lists, JSON, unknown kinds, broken files, templates."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from support.samples import kubernetes_objects as k8s

from bot.audit.collectors.kubernetes.manifests import read_manifests
from bot.model import Collected, UnusableError
from checks import (
    GLOBAL,
    Alarm,
    Backup,
    ClusterAddOn,
    ComputeGroup,
    DisruptionBudget,
    HealthCheck,
    Rehearsal,
    Unread,
    Workload,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEB = {"apiVersion": "apps/v1", "kind": "Deployment", **k8s.deployment()}
BUDGET = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", **k8s.budget(minAvailable=3)}
UNKNOWN = {"apiVersion": "acme.example/v1", "kind": "Deployment", "metadata": {"name": "theirs"}, "spec": "free"}
DEFINITION = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "x"}}
SHOP = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "payments"}}}


def read(*texts: str) -> Collected:
    return read_manifests([(f"{number}.yaml", text) for number, text in enumerate(texts)], NOW)


def workloads(found: Collected) -> dict[str, Workload]:
    return {fact.name: fact for fact in found.facts if isinstance(fact, Workload)}


@pytest.mark.parametrize(
    "texts",
    [
        (yaml.safe_dump_all([WEB, BUDGET, UNKNOWN, DEFINITION, SHOP]),),
        (yaml.safe_dump(WEB), yaml.safe_dump(BUDGET), yaml.safe_dump(SHOP)),
        ("\n---\n# nothing\n---\n" + yaml.safe_dump_all([SHOP, BUDGET, None, "text", 7, [WEB], WEB]),),
        (
            yaml.safe_dump(
                {"apiVersion": "v1", "kind": "List", "items": [WEB, SHOP, {"kind": "List", "items": [BUDGET]}]}
            ),
        ),
        (json.dumps({"apiVersion": "v1", "kind": "List", "items": [WEB, BUDGET, SHOP]}, indent="\t"),),
        ("\ufeff" + yaml.safe_dump_all([WEB, BUDGET, SHOP]),),
        (
            yaml.safe_dump({"kind": "DeploymentList", "apiVersion": "apps/v1", "items": [k8s.deployment()]}),
            json.dumps(BUDGET),
            json.dumps(SHOP),
        ),
    ],
    ids=["one file", "files", "empty documents", "List", "JSON with tabs", "byte order mark", "typed List"],
)
def test_the_same_objects_in_any_form(texts: tuple[str, ...]) -> None:
    found = read(*texts)
    web = workloads(found)["web"]
    assert (web.replicas, web.running, web.budgets) == (3, None, ("web",))
    assert web.tags == {"team": "payments", "app": "web", "kubernetes.io/metadata.name": "shop"}
    assert (web.account, web.region, web.observed_at) == ("manifests", GLOBAL, NOW)
    budget = next(fact for fact in found.facts if isinstance(fact, DisruptionBudget))
    assert (budget.pods, budget.about) == (3, (web.resource,))
    assert len(workloads(found)) == 1


def test_what_only_a_cluster_knows_is_unread_and_told_once() -> None:
    dns = {"apiVersion": "apps/v1", "kind": "Deployment", **k8s.deployment("coredns")}
    found = read(yaml.safe_dump_all([WEB, dns]))
    assert [gap.reason for gap in found.gaps if gap.provider] == ["manifests do not say where pods run and volumes are"]
    group = next(fact for fact in found.facts if isinstance(fact, ComputeGroup))
    assert isinstance(group.zone_redundant, Unread)
    add_on = next(fact for fact in found.facts if isinstance(fact, ClusterAddOn))
    assert isinstance(add_on.zones_in_use, Unread)


def test_the_last_description_of_an_object_counts() -> None:
    later = {**WEB, "spec": {**WEB["spec"], "replicas": 5}}
    assert workloads(read(yaml.safe_dump(WEB), yaml.safe_dump(later)))["web"].replicas == 5


def test_a_date_is_a_text_and_an_alias_is_followed() -> None:
    text = yaml.safe_dump(WEB).replace("app: web", "app: 2026-11-23", 1)
    text += "\n---\nx: &a {p: 1}\ny: [*a, *a]\n"
    assert workloads(read(text))["web"].tags["app"] == "2026-11-23"


RULES = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: rules}
spec: {groups: [{rules: [{annotations: {summary: "{{ $labels.pod }} of {{ .Values.x }} restarts"}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: mail}
data:
  text.tmpl: |
    {{ range .Alerts }}{{ .Labels.severity }}{{ end }}
"""


def test_braces_in_values_are_no_template() -> None:
    assert set(workloads(read(RULES + "---\n" + yaml.safe_dump(WEB)))) == {"web"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind: Deployment\nspec:\n  replicas: {{ .Values.replicas }}\n", r"^0\.yaml:3: an unrendered Helm template"),
        ("kind: Deployment\n{{- if .Values.on }}\nspec: {}\n{{- end }}\n", r"^0\.yaml:2: an unrendered Helm template"),
        (
            'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include "x.name" . | quote }}\n',
            r"^0\.yaml:4: an unrendered Helm template",
        ),
        (
            'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: "{{ .Release.Name }}-web"\n',
            r"^0\.yaml:4: an unrendered Helm template",
        ),
        (yaml.safe_dump(WEB) + "---\nkind: [\n", r"^0\.yaml:\d+: broken YAML: "),
        ("kind: Pod\nspec: a: b\n", r"^0\.yaml:2: broken YAML: mapping values are not allowed"),
        ("kind: Pod\n\tname: x\n", r"^0\.yaml:2: broken YAML: "),
        ("kind: Pod\nname: \x07\n", r"^0\.yaml:2: broken YAML: a character"),
        ("kind: *nobody\n", r"^0\.yaml:1: broken YAML: "),
        ("a: !!python/object/apply:os.system [id]\n", r"^0\.yaml:1: broken YAML: "),
        ("[" * 5000, r"^0\.yaml:\d+: broken YAML: "),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(text: str, says: str) -> None:
    with pytest.raises(UnusableError, match=says) as told:
        read(text)
    assert told.value.fix


def test_an_odd_object_is_a_gap_and_costs_no_other() -> None:
    odd = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "odd"}, "spec": {"replicas": "many"}}
    found = read(yaml.safe_dump_all([odd, WEB]))
    assert set(workloads(found)) == {"web"}
    assert [gap.resource for gap in found.gaps if gap.kinds and gap.provider] == ["manifests/default/Deployment/odd"]


def test_what_no_manifest_has_is_unread() -> None:
    """Else drills and alarms that nobody could write into a manifest would count as missing."""
    hidden = {kind for gap in read(yaml.safe_dump(WEB)).gaps if not gap.provider for kind in gap.kinds}
    assert {Alarm, Backup, HealthCheck, Rehearsal} <= hidden


def test_nothing_is_no_error() -> None:
    assert read("", "# only a comment\n").facts == []


def test_a_real_chart_is_read(tmp_path: Path) -> None:
    """The output of `helm template` begins each object with the name of its file."""
    text = f"---\n# Source: shop/templates/web.yaml\n{yaml.safe_dump(WEB)}---\n# Source: shop/templates/none.yaml\n"
    (tmp_path / "out.yaml").write_text(text, encoding="utf-8")
    assert set(workloads(read((tmp_path / "out.yaml").read_text(encoding="utf-8")))) == {"web"}

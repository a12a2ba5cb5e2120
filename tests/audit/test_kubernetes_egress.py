"""Hosts outside a cluster that its workloads name: which count, where they come from, and what is never kept."""

from typing import Any

import pytest
from support.harness.kubernetes_view import made_of
from support.samples import kubernetes_objects as k8s

from bot.audit.collectors.kubernetes.egress import MOST, hosts_in
from checks import ObservedDependency

WEB = "prod/shop/Deployment/web"


def _calls(**objects: Any) -> list[ObservedDependency]:
    return [fact for fact in made_of(**objects).facts if isinstance(fact, ObservedDependency)]


def _deployment(*env: tuple[str, str]) -> dict[str, Any]:
    variables = [{"name": name, "value": value} for name, value in env]
    secret = {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    return k8s.deployment(containers=[k8s.container(env=[*variables, secret])])


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("https://api.stripe.com/v1", ["api.stripe.com"]),
        ("postgres://app:s3cret@db.abc.supabase.co:5432/app", ["db.abc.supabase.co"]),
        ("Broker.Confluent.Cloud:9092", ["broker.confluent.cloud"]),
        ("https://a.example.com, https://b.example.com", ["a.example.com", "b.example.com"]),
        ("http://orders.shop.svc.cluster.local:8080", []),
        ("http://orders.shop.svc:8080", []),
        ("redis.internal:6379", []),
        ("http://10.0.0.7/", []),
        ("http://localhost:3000", []),
        ("1.4.2", []),
        ("a sentence with example.com in it", []),
        ("", []),
        ("https://" + "x" * 100_000, []),
    ],
)
def test_a_value_names_hosts_outside_or_none(value: str, hosts: list[str]) -> None:
    assert list(hosts_in(value)) == hosts


def test_the_environment_of_a_workload_becomes_evidence_without_anything_secret() -> None:
    found = _calls(Deployment=[_deployment(("HOOK", "https://user:pass@hooks.slack.com/services/T0/B0/secret"))])
    assert [(fact.target, fact.tool, fact.about) for fact in found] == [
        ("hooks.slack.com", "environment variable HOOK", (WEB,))
    ]
    assert not any(word in repr(found) for word in ("secret", "pass", "T0"))


def test_one_workload_gives_no_more_hosts_than_fit() -> None:
    many = [(f"V{number}", f"https://h{number}.example.com") for number in range(MOST + 30)]
    assert len(_calls(Deployment=[_deployment(*many)])) == MOST


def test_service_entries_and_egress_rules_name_hosts() -> None:
    entry = {
        "metadata": k8s.metadata("stripe"),
        "spec": {"hosts": ["api.stripe.com", "*.okta.com"], "location": "MESH_EXTERNAL"},
    }
    inside = {"metadata": k8s.metadata("own"), "spec": {"hosts": ["vm.example.com"], "location": "MESH_INTERNAL"}}
    policy = {
        "metadata": k8s.metadata("egress"),
        "spec": {
            "endpointSelector": {"matchLabels": {"app": "web"}},
            "egress": [{"toFQDNs": [{"matchName": "api.twilio.com"}, {"matchPattern": "*.sendgrid.net"}]}],
        },
    }
    found = _calls(Deployment=[_deployment()], ServiceEntry=[entry, inside], CiliumNetworkPolicy=[policy])
    assert {(fact.target, fact.tool, fact.about) for fact in found} == {
        ("api.stripe.com", "ServiceEntry of Istio", ()),
        ("okta.com", "ServiceEntry of Istio", ()),
        ("api.twilio.com", "egress rule of Cilium", (WEB,)),
        ("sendgrid.net", "egress rule of Cilium", (WEB,)),
    }

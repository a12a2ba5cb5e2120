"""What pod templates, zones and quantities of Kubernetes mean: tables of shapes."""

from typing import Any

import pytest
from support.samples import kubernetes_objects as k8s

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.kubernetes.kinds.storage import gibibytes
from bot.audit.collectors.kubernetes.templates import spread_over, template_fields, whole_image
from bot.audit.collectors.kubernetes.zones import zone_name

SAME = {"httpGet": {"path": "/ready", "port": 8080}}


@pytest.mark.parametrize(
    ("container", "wanted"),
    [
        (k8s.container(), (True, (), ())),
        (k8s.container(livenessProbe=SAME), (True, ("web",), ())),
        (k8s.container(livenessProbe=SAME | {"failureThreshold": 9}), (True, (), ())),
        (k8s.container(readinessProbe=None), (False, (), ())),
        (
            k8s.container(readinessProbe={"grpc": {"port": 1}}, livenessProbe={"grpc": {"port": 1}}),
            (True, ("web",), ()),
        ),
        (k8s.container(resources={}), (True, (), ("web",))),
        (k8s.container(resources={"limits": {"cpu": 1, "memory": "1Gi"}}), (True, (), ())),
        (k8s.container(resources={"requests": {"cpu": 1}, "limits": {"memory": "1Gi"}}), (True, (), ())),
        (k8s.container(resources={"requests": {"memory": "1Gi"}}), (True, (), ("web",))),
    ],
)
def test_probes_and_requests(container: dict[str, Any], wanted: tuple[Any, ...]) -> None:
    found = template_fields(Row({"containers": [container]}), {})
    assert (found["readiness_probe"], found["same_probes"], found["without_requests"]) == wanted


def test_a_sidecar_counts_and_an_init_container_does_not() -> None:
    init = [{"name": "once", "image": "a"}, {"name": "proxy", "image": "b", "restartPolicy": "Always"}]
    found = template_fields(Row({"containers": [k8s.container()], "initContainers": init}), {})
    assert (found["containers"], found["without_requests"]) == (2, ("proxy",))


def _apart(key: str, *, preferred: bool = False, **selector: Any) -> dict[str, Any]:
    term = {"topologyKey": key, "labelSelector": selector}
    if preferred:
        return {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": term}]}
    return {"requiredDuringSchedulingIgnoredDuringExecution": [term]}


HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
IN = [{"key": "app", "operator": "In", "values": ["web", "api"]}]


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        (k8s.pod_spec(), ("node", "zone")),
        ({}, ()),
        ({"affinity": {"podAntiAffinity": _apart(HOST, matchLabels={"app": "web"})}}, ("node",)),
        ({"affinity": {"podAntiAffinity": _apart(ZONE, preferred=True, matchExpressions=IN)}}, ("zone",)),
        ({"affinity": {"podAntiAffinity": _apart(HOST, matchLabels={"app": "other"})}}, ()),
        ({"affinity": {"podAntiAffinity": _apart("rack", matchLabels={"app": "web"})}}, ()),
        ({"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": ZONE}]}, ()),
        ({"topologySpreadConstraints": [{"maxSkew": 0, "topologyKey": ZONE, "labelSelector": {}}]}, ()),
        ({"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": ZONE, "labelSelector": {}}]}, ("zone",)),
    ],
)
def test_rules_that_keep_replicas_apart(spec: dict[str, Any], wanted: tuple[str, ...]) -> None:
    assert spread_over(Row(spec), {"app": "web"}) == wanted


@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        ("nginx", "docker.io/library/nginx"),
        ("acme/web:1", "docker.io/acme/web:1"),
        ("localhost/web", "localhost/web"),
        ("registry:5000/web", "registry:5000/web"),
        ("quay.io/a/b@sha256:0", "quay.io/a/b@sha256:0"),
    ],
)
def test_an_image_has_its_registry(image: str, wanted: str) -> None:
    assert whole_image(image) == wanted


@pytest.mark.parametrize(
    ("label", "region", "wanted"),
    [
        ("eu-west-1a", "eu-west-1", "eu-west-1a"),
        ("westeurope-1", "westeurope", "1"),
        ("europe-west1-b", "europe-west1", "europe-west1-b"),
    ],
)
def test_a_zone_has_the_name_of_its_cloud(label: str, region: str, wanted: str) -> None:
    assert zone_name(label, region) == wanted


@pytest.mark.parametrize(("text", "wanted"), [("100Gi", 100), ("1Ti", 1024), ("5G", 4), ("1073741824", 1), ("much", 0)])
def test_quantities(text: str, wanted: int) -> None:
    assert gibibytes(text) == wanted

"""What a pod template says about its pods: probes, requests, images, priority, and the rules that keep replicas apart.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.kubernetes.selectors import LabelSelector, label_selector
from bot.audit.collectors.kubernetes.zones import HOST, ZONE

_HANDLERS: Final = ("httpGet", "tcpSocket", "exec", "grpc")
_TRIES, _SECONDS = 3, 10
"""The defaults of `failureThreshold` and `periodSeconds`."""


def template_fields(pod: Row, labels: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a `Workload` that the spec of a pod tells; `labels`: those of the pod."""
    containers = (*pod.rows("containers"), *_sidecars(pod))
    return {
        "containers": len(containers),
        "readiness_probe": any(probe_handler(container, "readinessProbe") for container in containers),
        "same_probes": tuple(c.text("name") for c in containers if _restarted_by_readiness(c)),
        "without_requests": tuple(c.text("name") for c in containers if not _requests(c)),
        "images": tuple(dict.fromkeys(whole_image(c.text("image")) for c in containers if c.text("image"))),
        "priority": pod.text("priorityClassName"),
        "spread_over": spread_over(pod, labels),
    }


def _sidecars(pod: Row) -> Iterator[Row]:
    """Init containers that keep running beside the others."""
    return (container for container in pod.rows("initContainers") if container.text("restartPolicy") == "Always")


def probe_handler(container: Row, probe: str) -> tuple[str, Any] | None:
    """How a probe asks: the name of its handler, and its settings."""
    found = container.row(probe)
    return next(((name, found.value(name)) for name in _HANDLERS if found.value(name) is not None), None)


def _restarted_by_readiness(container: Row) -> bool:
    """Whether the liveness probe asks what the readiness probe asks, without more patience."""
    ready, alive = probe_handler(container, "readinessProbe"), probe_handler(container, "livenessProbe")
    if ready is None or ready != alive:
        return False
    return _patience(container.row("livenessProbe")) <= _patience(container.row("readinessProbe"))


def _patience(probe: Row) -> int:
    """Seconds of failures after which a probe has failed."""
    return (probe.number("failureThreshold") or _TRIES) * (probe.number("periodSeconds") or _SECONDS)


def _requests(container: Row) -> bool:
    """Whether CPU and memory are requested; a limit alone is a request of the same size."""
    asked = {**container.labels("resources.limits"), **container.labels("resources.requests")}
    return bool(asked.get("cpu")) and bool(asked.get("memory"))


def whole_image(image: str) -> str:
    """An image with its registry: `nginx` is `docker.io/library/nginx`."""
    host, slash, _ = image.partition("/")
    if slash and ("." in host or ":" in host or host == "localhost"):
        return image
    return f"docker.io/{image}" if slash else f"docker.io/library/{image}"


def spread_over(pod: Row, labels: Mapping[str, str]) -> tuple[str, ...]:
    """What the rules of a template spread its own pods over: `node`, `zone`. A rule for other labels spreads nothing."""
    keys = {key for key, selector in _rules(pod) if selector is not None and selector.matches(labels)}
    return tuple(name for name, known in (("node", HOST), ("zone", ZONE)) if keys & known)


def _rules(pod: Row) -> Iterator[tuple[str, LabelSelector | None]]:
    """Topology keys of spread constraints and anti-affinities, each with its selector."""
    for constraint in pod.rows("topologySpreadConstraints"):
        if (constraint.number("maxSkew") or 0) >= 1 and constraint.number("minDomains") != 0:
            yield constraint.text("topologyKey"), label_selector(constraint, "labelSelector")
    apart = pod.row("affinity.podAntiAffinity")
    for term in apart.rows("requiredDuringSchedulingIgnoredDuringExecution"):
        yield term.text("topologyKey"), label_selector(term, "labelSelector")
    for preferred in apart.rows("preferredDuringSchedulingIgnoredDuringExecution"):
        yield (
            preferred.text("podAffinityTerm.topologyKey"),
            label_selector(preferred, "podAffinityTerm.labelSelector"),
        )


def claims(pod: Row) -> tuple[str, ...]:
    """The persistent volume claims that a pod names."""
    return tuple(claim for volume in pod.rows("volumes") if (claim := volume.text("persistentVolumeClaim.claimName")))

"""Reads manifests in files and from Kustomize or Helm output: many documents, Lists, and kinds that are not known here."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import yaml

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.kubernetes.facts import facts_of_view
from bot.audit.collectors.kubernetes.objects import Place, namespace_of, trimmed
from bot.audit.collectors.kubernetes.view import NOT_IN_FILES, ClusterView
from bot.model import Collected, UnusableError
from checks import (
    GLOBAL,
    Alarm,
    Assessment,
    Backup,
    EndpointUse,
    Fact,
    Gap,
    HealthCheck,
    Pipeline,
    Quota,
    Rehearsal,
    TrafficShift,
)

SOURCE: Final = "manifests"
_GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "CronJob": frozenset({"batch"}),
    "DaemonSet": frozenset({"", "apps", "extensions"}),
    "Deployment": frozenset({"", "apps", "extensions"}),
    "HorizontalPodAutoscaler": frozenset({"autoscaling"}),
    "Ingress": frozenset({"networking.k8s.io", "extensions"}),
    "Job": frozenset({"batch"}),
    "Namespace": frozenset({""}),
    "PersistentVolume": frozenset({""}),
    "Pod": frozenset({""}),
    "PodDisruptionBudget": frozenset({"", "policy"}),
    "Rollout": frozenset({"argoproj.io"}),
    "Service": frozenset({""}),
    "StatefulSet": frozenset({"", "apps"}),
    "VolumeSnapshot": frozenset({"snapshot.storage.k8s.io"}),
    "Certificate": frozenset({"cert-manager.io"}),
    "Schedule": frozenset({"velero.io"}),
    "BackupStorageLocation": frozenset({"velero.io"}),
}
"""The kinds that are read, with the API groups that have them; a kind of the same name in another group is another kind."""

_NOT_SAID: Final[tuple[tuple[str, tuple[type[Fact], ...]], ...]] = (
    ("manifests do not say which drills were run", (Rehearsal,)),
    ("manifests do not say which backups were taken", (Backup,)),
    ("manifests do not say which alarms and health checks watch the service", (Alarm, HealthCheck)),
    ("manifests do not say which pipelines deploy the service", (Pipeline,)),
    ("manifests do not say what the cloud below grants and shifts", (Assessment, EndpointUse, Quota, TrafficShift)),
)
"""The kinds of facts that no manifest has. Nothing failed, so their gaps name no place."""

_HELM: Final = re.compile(r"\{\{-?\s*(?:\.(?:Capabilities|Chart|Files|Release|Template|Values)\b|include\b|tpl\b)")
"""What only a template of Helm says; a value may hold other braces, as the annotations of Prometheus do."""
_BRACES: Final = re.compile(r"\{\{.*\}\}")
_NEAR: Final = 3  # lines above an error of YAML in which braces are its cause
_RENDER: Final = "Render it first: `helm template CHART | backstay audit --manifests -`"
_CORRECT: Final = "Correct the file, or leave it out; `kubectl apply --dry-run=client -f FILE` shows the same place"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
    """Reads YAML as Kubernetes does: what looks like a date is a text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_manifests(sources: Iterable[tuple[str, str]], now: datetime) -> Collected:
    """The facts of manifests. `sources`: pairs of file name and its text, YAML or JSON; `now`: UTC.

    Unknown kinds are skipped. An object that is described twice counts once, as it is described last.

    Raises:
        UnusableError: a file is no YAML, or an unrendered template; the text names file and line.
    """
    objects: dict[str, dict[tuple[str, str], Mapping[str, Any]]] = {kind: {} for kind in _GROUPS}
    for name, text in sources:
        for kind, body in _known(_documents(name, text)):
            objects[kind][_key(kind, body, len(objects[kind]))] = trimmed(body)
    labels = {name: _labels(body) for (_, name), body in objects["Namespace"].items()}
    place = Place(SOURCE, GLOBAL, SOURCE, now, labels)
    made = facts_of_view(ClusterView(place, {kind: tuple(found.values()) for kind, found in objects.items()}))
    gaps = [gap for gap in made.gaps if gap.reason != NOT_IN_FILES.reason]
    if len(gaps) < len(made.gaps):  # true of every object alike, so it is told once
        gaps.append(Gap(SOURCE, "kubernetes", SOURCE, GLOBAL, NOT_IN_FILES.reason, ()))
    gaps += [Gap("", "", "", "", reason, kinds) for reason, kinds in _NOT_SAID]
    return Collected(made.facts, gaps, ((SOURCE, SOURCE, GLOBAL),), (SOURCE,))


def _labels(body: Mapping[str, Any]) -> Mapping[str, str]:
    try:
        return Row(body).labels("metadata.labels")
    except OddFieldError:
        return {}


def _key(kind: str, body: Mapping[str, Any], number: int) -> tuple[str, str]:
    """Namespace and name; a number for an object without a name, so that it replaces no other."""
    try:
        row = Row(body)
        return namespace_of(kind, row), row.text("metadata.name") or f"unnamed {number}"
    except OddFieldError:
        return "", f"unnamed {number}"


def _known(documents: Iterable[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects of the kinds that are read, those within a List too."""
    for document in documents:
        if not isinstance(document, Mapping):
            continue
        kind, version = document.get("kind"), document.get("apiVersion")
        group = version.rpartition("/")[0] if isinstance(version, str) else ""
        items = document.get("items")
        if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
            yield from _known(_with_kind(items, kind.removesuffix("List"), version))
        elif isinstance(kind, str) and group in _GROUPS.get(kind, ()):
            yield kind, document


def _with_kind(items: Iterable[Any], kind: str, version: Any) -> Iterator[Any]:
    """The items of a List; those of a `DeploymentList` need not name their own kind."""
    for item in items:
        yield {"kind": kind, "apiVersion": version, **item} if isinstance(item, Mapping) and kind else item


def _documents(name: str, text: str) -> Iterator[Any]:
    """The documents of a file, as plain values.

    Raises:
        UnusableError: the text is no YAML, or an unrendered template.
    """
    try:
        for document in yaml.load_all(text.removeprefix("\ufeff"), Loader=_Loader):
            if _HELM.search(text) and _unrendered(document, set()):
                raise UnusableError(f"{name}:{_line_of(text)}: an unrendered Helm template ({{{{ }}}})", _RENDER)
            yield document
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnusableError(*_broken(name, mark.line + 1 if mark else 1, text, error.problem or "")) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else 1
        raise UnusableError(f"{name}:{line}: broken YAML: a character that YAML does not allow", _CORRECT) from None
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else "a value out of range"
        raise UnusableError(f"{name}:1: broken YAML: {why}", _CORRECT) from None


def _broken(name: str, line: int, text: str, problem: str) -> tuple[str, str]:
    """The problem of a file that is no YAML, and its fix."""
    rows = text.splitlines()
    for number in range(min(line, len(rows)), max(line - _NEAR, 1) - 1, -1):
        if _BRACES.search(rows[number - 1].partition(" #")[0]):
            return f"{name}:{number}: an unrendered Helm template ({{{{ }}}})", _RENDER
    return f"{name}:{line}: broken YAML: {problem or 'it cannot be read'}", _CORRECT


def _line_of(text: str) -> int:
    """The line of the first expression of Helm."""
    found = _HELM.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _unrendered(value: Any, seen: set[int]) -> bool:
    """Whether a document of a kind that is read has a text with an expression of Helm. Aliases are followed once."""
    if isinstance(value, str):
        return bool(_HELM.search(value))
    if id(value) in seen or not isinstance(value, Mapping | list):
        return False
    if not seen and not (isinstance(value, Mapping) and next(_known([value]), None)):
        return False
    seen.add(id(value))
    inner = (*value, *value.values()) if isinstance(value, Mapping) else value
    return any(_unrendered(part, seen) for part in inner)

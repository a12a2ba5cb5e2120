"""What is in the namespaces that a backup or restore of Velero includes, and which secrets Ingresses use."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.kubernetes.objects import namespace_of, resource_id
from bot.audit.collectors.kubernetes.templates import claims

_SCHEDULE = "velero.io/schedule-name"
_NEVER = datetime.min.replace(tzinfo=UTC)


def included(spec: Row, namespaces: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The resources in the namespaces that a spec includes; all namespaces where it names none or `*`."""
    wanted, left_out = set(spec.texts("includedNamespaces")) - {"*"}, set(spec.texts("excludedNamespaces"))
    return tuple(
        resource
        for namespace, resources in namespaces.items()
        if namespace not in left_out and (not wanted or namespace in wanted)
        for resource in resources
    )


def claim_users(rows: Mapping[str, Iterator[Row]], account: str) -> dict[tuple[str, str], str]:
    """The workload behind each claim, by namespace and claim; a claim that ends in `-` stands for all numbered ones."""
    found: dict[tuple[str, str], str] = {}
    for kind, objects in rows.items():
        for row in objects:
            with suppress(OddFieldError):
                namespace, name = namespace_of(kind, row), row.text("metadata.name")
                resource = resource_id(account, namespace, kind, name)
                pod = row.row("spec" if kind == "Pod" else "spec.template.spec")
                numbered = (f"{c.text('metadata.name')}-{name}-" for c in row.rows("spec.volumeClaimTemplates"))
                found |= {(namespace, claim): resource for claim in (*claims(pod), *numbered)}
    return found


def tls_secrets(ingresses: Iterator[Row]) -> frozenset[tuple[str, str]]:
    """Namespace and name of each secret that an Ingress serves as its certificate."""
    found: set[tuple[str, str]] = set()
    for row in ingresses:
        with suppress(OddFieldError):
            namespace = namespace_of("Ingress", row)
            found |= {(namespace, tls.text("secretName")) for tls in row.rows("spec.tls")}
    return frozenset(found)


def newest_snapshots(snapshots: Iterator[Row]) -> dict[tuple[str, str], datetime]:
    """The moment of the newest snapshot of each claim, by namespace and claim, of those that are ready to use."""
    newest: dict[tuple[str, str], datetime] = {}
    for row in snapshots:
        with suppress(OddFieldError):
            taken, claim = row.when("status.creationTime"), row.text("spec.source.persistentVolumeClaimName")
            key = namespace_of("VolumeSnapshot", row), claim
            if taken and claim and row.flag("status.readyToUse"):
                newest[key] = max(taken, newest.get(key, _NEVER))
    return newest


def newest_backups(backups: Iterator[Row]) -> frozenset[str]:
    """The names of the newest completed backup of each schedule, and of every one that was made by hand."""
    newest: dict[str, tuple[datetime, str]] = defaultdict(lambda: (_NEVER, ""))
    for row in backups:
        with suppress(OddFieldError):
            if row.text("status.phase") == "Completed":
                name = row.text("metadata.name")
                key = row.labels("metadata.labels").get(_SCHEDULE) or f"by hand: {name}"
                newest[key] = max(newest[key], (row.when("status.completionTimestamp") or _NEVER, name))
    return frozenset(name for _, name in newest.values())

"""What reading a large cluster costs: 10,000 pods and 2,000 Deployments through an API server on loopback.

Run: python tests/bench/bench_kubernetes.py. Prints calls, seconds and MiB of the child process, and what the checks cost after it.
"""

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.fakes.kubernetes import FakeApiServer, api_server, kubeconfig  # noqa: E402 - the path is set just above
from support.samples import kubernetes_objects as k8s  # noqa: E402

from bot.audit.collectors.kubernetes.collector import KubernetesCollector, KubernetesSettings  # noqa: E402
from checks import DEFAULT_TIERS, Seen, Service, evaluate  # noqa: E402

PODS, DEPLOYMENTS, NODES, NAMESPACES = 10_000, 2_000, 300, 100
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
FIELDS = [
    {"manager": f"m{number}", "operation": "Update", "fieldsV1": {f"f:{key}": {} for key in range(60)}}
    for number in range(3)
]


def objects() -> dict[str, list[dict[str, Any]]]:
    """A cluster of services with five pods each, with what clients note in each object."""
    names = [(f"app-{number}", f"team-{number % NAMESPACES}") for number in range(DEPLOYMENTS)]
    each = PODS // DEPLOYMENTS
    made = {
        k8s.NODES: [k8s.node(f"node-{number}", ZONES[number % 3]) for number in range(NODES)],
        k8s.NAMESPACES: [{"metadata": {"name": f"team-{number}"}} for number in range(NAMESPACES)],
        k8s.DEPLOYMENTS: [k8s.deployment(name, each, namespace) for name, namespace in names],
        k8s.BUDGETS: [_in(namespace, k8s.budget(name, maxUnavailable=1)) for name, namespace in names],
        k8s.AUTOSCALERS: [_in(namespace, k8s.autoscaler(name)) for name, namespace in names[::2]],
        k8s.SERVICES: [_in(namespace, k8s.service(name, type="ClusterIP")) for name, namespace in names],
        k8s.PODS: [
            k8s.pod_of(name, number, f"node-{(at + number) % NODES}", namespace=namespace)
            for at, (name, namespace) in enumerate(names)
            for number in range(each)
        ],
    }
    for items in made.values():
        for item in items:
            item["metadata"]["managedFields"] = FIELDS
    return made


def _in(namespace: str, item: dict[str, Any]) -> dict[str, Any]:
    item["metadata"]["namespace"] = namespace
    return item


def serve(address: Any) -> None:
    """Serve the cluster in a process of its own, so that its memory and time are not measured."""

    async def run() -> None:
        async with api_server(FakeApiServer(objects())) as url:
            address.send(url)
            await asyncio.Event().wait()

    asyncio.run(run())


def main() -> None:
    """Read once, judge once, print."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    url = ours.recv()
    with tempfile.TemporaryDirectory() as folder:
        config = kubeconfig(Path(folder) / "config", {"prod": url})
        settings = KubernetesSettings(kubeconfig=config, calls_per_second=1000)
        began = time.perf_counter()
        found = asyncio.run(KubernetesCollector(settings).collect((), lambda _: None))
        seconds = time.perf_counter() - began
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    mib = child.ru_maxrss / 1024
    began = time.perf_counter()
    findings = sum(
        1
        for _ in evaluate(
            [Seen(Service("all", DEFAULT_TIERS[1]), found.facts, found.gaps)], now=found.facts[0].observed_at
        )
    )
    judged = time.perf_counter() - began
    server.terminate()
    say("calls", str(found.calls))
    say("seconds, start to facts", f"{seconds:.1f}")
    say("seconds of CPU, child process", f"{child.ru_utime + child.ru_stime:.1f}")
    say("memory of the child process, MiB", f"{mib:.0f}")
    say("facts, gaps", f"{len(found.facts)}, {len(found.gaps)}")
    say("seconds, all checks", f"{judged:.1f} for {findings} findings")


def say(what: str, value: str) -> None:
    """One line of the table."""
    sys.stdout.write(f"{what:<40}{value}\n")


if __name__ == "__main__":
    main()

"""Collects facts from Kubernetes clusters in a child process, which also runs the exec plugins of kubeconfigs."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.audit.collectors.engine.parent import ChildProgram, run_child
from bot.model import Collected, Place, Progress
from checks import Service

_CHILD = ChildProgram(
    "bot.audit.collectors.kubernetes.child",
    "Kubernetes",
    "check its last lines on stderr, and that backstay[kubernetes] is installed",
)


class KubernetesSettings(BaseModel):
    """How clusters are read. `contexts`: of the kubeconfig, the current one if none is named and not `in_cluster`.

    `kubeconfig`: a path, else KUBECONFIG, else ~/.kube/config. `in_cluster`: also read the cluster that backstay runs in, as
    its service account. `calls_per_second` is a limit per cluster, `timeout` is in seconds per call.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contexts: tuple[str, ...] = ()
    kubeconfig: str = ""
    in_cluster: bool = False
    calls_per_second: float = 20.0
    timeout: float = 30.0


class KubernetesCollector:
    """Implements `model.Collector` for Kubernetes. A fact's `account` is the context of its cluster."""

    def __init__(self, settings: KubernetesSettings) -> None:
        self._settings = settings

    async def collect(
        self,
        services: Sequence[Service],  # noqa: ARG002 - all objects are read, and attributed by labels later
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read all clusters in one child process; one that cannot be reached becomes a gap. Cancelling kills the child.

        Raises:
            UnusableError: no cluster can be read, or the child process died.
        """
        return await run_child(_CHILD, self._request(only), progress)

    def _request(self, only: frozenset[Place] | None) -> dict[str, Any]:
        settings = self._settings
        return {
            "contexts": settings.contexts,
            "kubeconfig": settings.kubeconfig,
            "in_cluster": settings.in_cluster,
            "rate": settings.calls_per_second,
            "timeout": settings.timeout,
            "only": None if only is None else sorted(only),
        }

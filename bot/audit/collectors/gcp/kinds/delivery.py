"""Pipelines of Cloud Deploy and deployments of Infrastructure Manager.

Shapes: Cloud Deploy API v1, `deliveryPipelines` and `targets`; Infrastructure Manager API v1, `deployments`.
"""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.engine.google_places import region_of
from bot.audit.collectors.gcp.asset import Asset
from bot.audit.collectors.gcp.kinds_of import kind
from checks import GLOBAL, Fact, Pipeline, Stack, Unread

_TARGET: Final = "clouddeploy.googleapis.com/Target"
JOINED = (_TARGET,)


def _pipeline(asset: Asset) -> Iterable[Fact]:
    """A delivery pipeline with its stages, each of which deploys to a target."""
    stages = asset.rows("serialPipeline.stages")
    place = asset.path.partition("/deliveryPipelines/")[0]
    found = [asset.estate.find(f"{place}/targets/{stage.text('targetId')}", _TARGET) for stage in stages]
    targets = [target for target in found if target is not None]
    places = (target.text("gke.cluster") or target.text("run.location") for target in targets)
    regions = {region_of(word) for place in places for word in place.split("/")} - {GLOBAL}
    unread = Unread("a target of the pipeline was not listed") if len(targets) < len(stages) else None
    yield asset.fact(
        Pipeline,
        product="clouddeploy",
        stages=tuple(stage.text("targetId") for stage in stages),
        approval=unread or any(bool(target.flag("requireApproval")) for target in targets),
        automatic_rollback=Unread("automations of Cloud Deploy are not read"),
        gradual=any(stage.value("strategy.canary") is not None for stage in stages),
        staging_first=len(stages) > 1,
        regions=tuple(sorted(regions)),
        status="DISABLED" if asset.flag("suspended") else "",
    )


def _deployment(asset: Asset) -> Iterable[Fact]:
    """A deployment of Infrastructure Manager, which has no protection from being deleted."""
    yield asset.fact(Stack, product="config", status=asset.text("state"))


KINDS = (
    kind("clouddeploy.googleapis.com/DeliveryPipeline", (Pipeline,), _pipeline),
    kind("config.googleapis.com/Deployment", (Stack,), _deployment),
)

"""FIS experiments -> Rehearsal: faults injected, when, on what, and whether the run proves anything."""

from collections.abc import Iterator
from typing import Any, Final

from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Rehearsal, RehearsalKind, RehearsalResult

FINISHED: Final = ("completed", "stopped", "failed", "cancelled")


def read(aws: Reader) -> Iterator[Fact]:
    """The last finished run of each template, and each template that has never run."""
    templates = aws.list("fis", "ListExperimentTemplates", "experimentTemplates")
    if not templates:
        return
    latest: dict[str, dict[str, Any]] = {}
    for run in aws.list("fis", "ListExperiments", "experiments"):
        key, past = run["experimentTemplateId"], latest.get(run["experimentTemplateId"])
        if run["state"]["status"] in FINISHED and (past is None or past["creationTime"] < run["creationTime"]):
            latest[key] = run
    yield from aws.each(lambda template: _rehearsal(aws, template, latest.get(template["id"])), templates)


def _rehearsal(aws: Reader, template: dict[str, Any], last: dict[str, Any] | None) -> Fact:
    told: dict[str, Any] = {}
    if last is not None:
        run = aws.get("fis", "GetExperiment", id=last["id"])["experiment"]
        told = {
            "at": run.get("endTime") or run.get("startTime") or run["creationTime"],
            "result": result_of(run),
            "scope": _scope(aws, run),
            "about": _targets(aws, run),
        }
    return aws.fact(
        Rehearsal,
        resource=template["arn"],
        name=template.get("tags", {}).get("Name") or template.get("description") or template["id"],
        product="fis",
        tags=template.get("tags", {}),
        kind=RehearsalKind.FAULT_INJECTION,
        **told,
    )


def result_of(run: dict[str, Any]) -> RehearsalResult:
    """A run cut short by a stop condition or a person failed; one that touched nothing proves nothing."""
    if run.get("experimentOptions", {}).get("actionsMode") == "skip-all":
        return RehearsalResult.INCONCLUSIVE
    if run["state"]["status"] != "completed":
        return RehearsalResult.FAILED
    done = [action["state"]["status"] for action in run.get("actions", {}).values()]
    return RehearsalResult.SUCCEEDED if "completed" in done else RehearsalResult.INCONCLUSIVE


def _targets(aws: Reader, run: dict[str, Any]) -> tuple[str, ...]:
    """What was hit: as the template names it, else as FIS resolved it from tags when it ran."""
    named = {arn for target in run.get("targets", {}).values() for arn in target.get("resourceArns", ())}
    if not named:
        resolved = aws.maybe(
            lambda: aws.list("fis", "ListExperimentResolvedTargets", "resolvedTargets", experimentId=run["id"])
        )
        rows = resolved if isinstance(resolved, list) else []
        named = {text for row in rows for text in row.get("targetInformation", {}).values() if _arn.is_arn(text)}
    return tuple(sorted(named))


def _scope(aws: Reader, run: dict[str, Any]) -> str:
    """What was lost: the zone where the targets are picked by one, else the product that the first action is for."""
    for target in run.get("targets", {}).values():
        zone = target.get("parameters", {}).get("availabilityZoneIdentifier")
        if zone:
            return f"aws/{aws.region}/{aws.zone_id(zone)}"
    actions = [action.get("actionId", "") for action in run.get("actions", {}).values()]
    product = next((steps[1] for name in actions if len(steps := name.split(":")) > 2), "")
    return f"aws/{aws.region}/{product}" if product else f"aws/{aws.region}"


SOURCE = Source(
    name="aws_experiments",
    facts=(Rehearsal,),
    actions=(
        "fis:ListExperimentTemplates",
        "fis:ListExperiments",
        "fis:GetExperiment",
        "fis:ListExperimentResolvedTargets",
    ),
    read=read,
)

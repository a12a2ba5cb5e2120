"""Fault Injection Service experiments: latest run, targets and result, as Rehearsal."""

from collections.abc import Iterator
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, if_exists
from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Rehearsal, RehearsalKind, RehearsalResult

FINISHED: Final = ("completed", "stopped", "failed", "cancelled")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield the latest finished run per template, and each template that has never run."""
    templates = aws.list("fis", "ListExperimentTemplates", "experimentTemplates")
    if not templates:
        return
    latest: dict[str, dict[str, Any]] = {}
    for run in aws.list("fis", "ListExperiments", "experiments"):
        key = run.get("experimentTemplateId", "")
        past, began = latest.get(key), run.get("creationTime")
        if not began or not run.get("id") or run.get("state", {}).get("status") not in FINISHED:
            continue
        if past is None or past["creationTime"] < began:
            latest[key] = run
    identity = ItemIdentity[dict[str, Any]](
        "fis:ListExperimentTemplates",
        lambda template: _arn_of(aws, template),
        lambda template: template.get("tags", {}),
    )
    yield from facts_of(aws, lambda row: _rehearsal(aws, row, latest.get(row.get("id", ""))), templates, identity)


def _arn_of(aws: Reader, template: dict[str, Any]) -> str:
    return str(template.get("arn") or aws.arn("fis", f"experiment-template/{template['id']}"))


def _rehearsal(aws: Reader, template: dict[str, Any], last: dict[str, Any] | None) -> Fact:
    outcome: dict[str, Any] = {}
    run = None if last is None else if_exists(lambda: aws.get("fis", "GetExperiment", id=last["id"])["experiment"])
    if last is not None and run is not None:
        outcome = {
            "at": run.get("endTime") or run.get("startTime") or last["creationTime"],
            "result": result_of(run),
            "scope": _scope(aws, run),
            "about": _targets(aws, last["id"], run),
        }
    return aws.fact(
        Rehearsal,
        resource=_arn_of(aws, template),
        name=template.get("tags", {}).get("Name")
        or template.get("description")
        or _arn_of(aws, template).rpartition("/")[2],
        product="fis",
        tags=template.get("tags", {}),
        kind=RehearsalKind.FAULT_INJECTION,
        **outcome,
    )


def result_of(run: dict[str, Any]) -> RehearsalResult:
    """The result of a run: failed if it was stopped early, inconclusive if it had no effect."""
    if run.get("experimentOptions", {}).get("actionsMode") == "skip-all":
        return RehearsalResult.INCONCLUSIVE
    if run.get("state", {}).get("status") != "completed":
        return RehearsalResult.FAILED
    statuses = [action.get("state", {}).get("status") for action in run.get("actions", {}).values()]
    return RehearsalResult.SUCCEEDED if "completed" in statuses else RehearsalResult.INCONCLUSIVE


def _targets(aws: Reader, name: str, run: dict[str, Any]) -> tuple[str, ...]:
    """The ARNs of the targets: as the template lists them, else as FIS resolved them from tags."""
    arns = {arn for target in run.get("targets", {}).values() for arn in target.get("resourceArns", ())}
    if not arns:
        rows = if_exists(lambda: aws.list("fis", "ListExperimentResolvedTargets", "resolvedTargets", experimentId=name))
        arns = {text for row in rows or () for text in row.get("targetInformation", {}).values() if _arn.is_arn(text)}
    return tuple(sorted(arns))


def _scope(aws: Reader, run: dict[str, Any]) -> str:
    """The affected scope: the zone that selects the targets, else the product of the first action."""
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

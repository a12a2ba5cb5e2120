"""At 3 a.m. people do what the runbook says. It must exist, be correct, and be readable while the cloud is down.

In October 2025 many runbooks were in a wiki on the failed provider; on 4 October 2021 Meta's engineers could not
reach their own tools, because those needed the network that had failed.
"""

from datetime import datetime

from checks._check import check
from checks._evidence import QUARTER, YEAR
from checks._facts import CommunicationRoute, ComputeGroup, Datastore, Deployment, Runbook, known
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._places import as_far_as_read, places, providers, requests_end_at
from checks._words import listed

_SECTIONS = {"detect": "detection", "decide": "decision", "communicate": "communication", "roll_back": "rollback"}
_CHATS = ("slack", "teams", "teams_workflow")


@check(
    id="RB01",
    title="Service has a runbook whose link opens",
    severity=Severity.HIGH,
    lesson="Without a runbook recovery waits for the one person who knows, and the outage of 20 October 2025 began "
    "in the middle of the night.",
    remediation="Write one page: how to detect the failure, whom to notify, how to fail over, how to fail back; set "
    "it as `runbook:` of the service in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ready_to_support_use_runbooks.html",
)
def runbook_exists(service: Service, runbooks: tuple[Runbook, ...]) -> Verdict:
    """Require a runbook in the catalogue whose link is not known to be dead."""
    existing = [runbook for runbook in runbooks if not runbook.missing]
    if not existing:
        if runbooks:
            return failed(f"{service.name} has no runbook")
        return unknown(f"Runbook of {service.name} is unknown; set it in backstay.yaml")
    dead = [runbook.name for runbook in existing if runbook.reachable is False]
    if len(dead) == len(existing):
        return failed(f"Runbook link of {service.name} does not open: {listed(dead)}")
    return passed(f"{service.name} has a runbook: {listed(runbook.name for runbook in existing)}")


@check(
    id="RB02",
    title="Runbook was reviewed in the last 90 days",
    severity=Severity.MEDIUM,
    lesson="A runbook from before the migration names machines that no longer exist and costs the minutes it was "
    "meant to save.",
    remediation="Walk through it once a quarter, best as part of a game day, and set `reviewed:` of the runbook in "
    "backstay.yaml to that date.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ready_to_support_use_playbooks.html",
)
def runbook_fresh(service: Service, runbook: Runbook, now: datetime) -> Verdict:
    """Judge the date of the last review."""
    if runbook.missing:
        return not_applicable(f"{service.name} has no runbook")
    if runbook.reviewed_at is None:
        return unknown(f"Last review of {runbook.name} is unknown; set it in backstay.yaml")
    day = f"{runbook.reviewed_at:%Y-%m-%d}"
    if now - runbook.reviewed_at <= QUARTER:
        return passed(f"{runbook.name} was reviewed on {day}", reviewed_at=runbook.reviewed_at.isoformat())
    return failed(
        f"{runbook.name} was last reviewed on {day}, more than {QUARTER.days} days ago",
        reviewed_at=runbook.reviewed_at.isoformat(),
    )


@check(
    id="RB03",
    title="Runbook is readable while the service's provider is down",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 Jira and Confluence were degraded: they run on the cloud whose outage their pages "
    "describe.",
    remediation="Keep it as a text file next to backstay.yaml (`runbook: runbooks/checkout.md`) in a repository that "
    "every engineer has cloned, or on another cloud, declared as `hosted_on:`.",
    docs="https://sre.google/sre-book/managing-incidents/",
)
def runbook_elsewhere(
    service: Service,
    runbook: Runbook,
    compute: tuple[ComputeGroup, ...],
    stores: tuple[Datastore, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """Accept a copy kept by backstay, or a page on other clouds than the service."""
    if runbook.missing:
        return not_applicable(f"{service.name} has no runbook")
    if runbook.copy_kept:
        return passed(f"backstay keeps a copy of {runbook.name}")
    if runbook.hosted_on is None:
        return unknown(f"Cloud that hosts {runbook.name} is unknown; set it in backstay.yaml")
    clouds, doubt = providers(compute, stores, deployments)
    shared = clouds & set(runbook.hosted_on)
    if shared:
        return failed(
            f"{runbook.name} is hosted on {listed(shared)}, the provider it is about; it may be unreadable in an outage",
            shared=listed(shared),
        )
    if doubt is not None:
        raise doubt
    if not clouds:
        return unknown(f"Provider of {service.name} is unknown: no running resources found")
    return passed(
        f"{runbook.name} is hosted on {listed(runbook.hosted_on) or 'no cloud'}, {service.name} runs on {listed(clouds)}"
    )


@check(
    id="RB04",
    title="Runbook describes the failover steps",
    severity=Severity.LOW,
    lesson="A runbook that ends with `escalate` lacks the one procedure it is opened for.",
    remediation="Add a section `Failover` with numbered steps, each a command to copy, and a section `Failback`; "
    "name who decides.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/testing-disaster-recovery.html",
)
def runbook_names_failover(service: Service, runbook: Runbook) -> Verdict:
    """Apply to runbooks whose text was read."""
    if runbook.missing:
        return not_applicable(f"{service.name} has no runbook")
    names = known(runbook.names_failover)
    if names is None:
        return unknown(f"Text of {runbook.name} was not read, so its steps are unknown")
    if names:
        return passed(f"{runbook.name} describes the failover steps", steps=runbook.steps)
    return failed(f"{runbook.name} does not describe how to fail over", steps=runbook.steps)


@check(
    id="RB05",
    title="Runbook names its owner",
    severity=Severity.LOW,
    lesson="A page that nobody owns is corrected by nobody, and during the outage nobody knows whom to ask about it.",
    remediation="Set the page's owner in the wiki, or write a line `Owner: TEAM` at its top.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ops_model_def_proc_owners.html",
)
def runbook_has_owner(service: Service, runbook: Runbook) -> Verdict:
    """Take the owner from the wiki or from the page itself."""
    if runbook.missing:
        return not_applicable(f"{service.name} has no runbook")
    owner = known(runbook.owner)
    if owner is None:
        return unknown(f"Text of {runbook.name} was not read, so its owner is unknown")
    if owner:
        return passed(f"{runbook.name} is owned by {owner}")
    return failed(f"{runbook.name} names no owner")


@check(
    id="RB06",
    title="Runbook was changed in the last 365 days",
    severity=Severity.LOW,
    lesson="Systems change every week. A page that nobody touched for a year describes another system.",
    remediation="Follow the page step by step on a game day, correct what is no longer true, and set `reviewed:` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ready_to_support_use_runbooks.html",
)
def runbook_changed(service: Service, runbook: Runbook, now: datetime) -> Verdict:
    """Judge the date of the last change, as the wiki or the repository states it."""
    if runbook.missing:
        return not_applicable(f"{service.name} has no runbook")
    changed = known(runbook.changed_at)
    if changed is None:
        return unknown(f"Last change of {runbook.name} is unknown: it was not read")
    by = f" by {runbook.changed_by}" if runbook.changed_by else ""
    said = f"{runbook.name} was last changed on {changed:%Y-%m-%d}{by}"
    if now - changed <= YEAR:
        return passed(said, changed_at=changed.isoformat())
    return failed(f"{said}, more than {YEAR.days} days ago", changed_at=changed.isoformat())


@check(
    id="RB07",
    title="Runbook says how to detect, decide, communicate and roll back",
    severity=Severity.MEDIUM,
    lesson="Recovery waits as often for the decision as for the command: who may declare the outage, from when on, and who tells "
    "the customers.",
    remediation="Add the headings `Detect`, `Decide`, `Fail over`, `Communicate` and `Roll back`, each with numbered steps.",
    docs="https://sre.google/sre-book/managing-incidents/",
)
def runbook_sections(service: Service, runbook: Runbook) -> Verdict:
    """Look for a heading of each part; the failover steps have a check of their own."""
    if runbook.missing:
        return not_applicable(f"{service.name} has no runbook")
    found = known(runbook.sections)
    if found is None:
        return unknown(f"Text of {runbook.name} was not read, so its sections are unknown")
    absent = [words for section, words in _SECTIONS.items() if section not in found]
    if absent:
        return failed(f"{runbook.name} has no section on {listed(absent)}", missing=len(absent))
    return passed(f"{runbook.name} has sections on {listed(_SECTIONS.values())}")


@check(
    id="RB08",
    title="Steps of the runbook work while the service's region is down",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 the console of us-east-1 and machines in it did not answer: steps that began with signing in "
    "there could not be followed.",
    remediation="Name the region that takes over in each command (`--region`), use its own console address, and keep jump hosts "
    "outside the region that may be lost.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html",
)
def runbook_steps_elsewhere(
    service: Service, runbook: Runbook, compute: tuple[ComputeGroup, ...], deployments: tuple[Deployment, ...]
) -> Verdict:
    """Compare the places that the steps need with the only region that serves requests."""
    if runbook.missing:
        return not_applicable(f"{service.name} has no runbook")
    needs = known(runbook.needs)
    if needs is None:
        return unknown(f"Text of {runbook.name} was not read, so its steps are unknown")
    if not needs:
        return passed(f"No step of {runbook.name} names a host, console or command in a region")
    groups, doubt = as_far_as_read(compute)
    declared, more = as_far_as_read(deployments)
    active = places(requests_end_at(groups)) | places(item for item in declared if item.role == "active")
    lost = {f"{provider}/{region}" for provider, region in active}
    if len(lost) > 1:
        return not_applicable(f"{service.name} serves requests from several regions: {listed(sorted(lost))}")
    if doubt or more:
        raise doubt or more  # type: ignore[misc] # one of them is an exception
    if not lost:
        return unknown(f"Region of {service.name} is unknown: no running resources found")
    return _steps_without(service, runbook, needs, lost)


def _steps_without(service: Service, runbook: Runbook, needs: tuple[str, ...], lost: set[str]) -> Verdict:
    """Whether some steps need a place that is lost."""
    inside = [need.split("|", 2) for need in needs if need.partition("|")[0] in lost]
    if not inside:
        return passed(f"Steps of {runbook.name} need nothing in {listed(lost)}, where {service.name} runs")
    steps = list(dict.fromkeys(number for _, number, _ in inside))
    what = listed(word for _, _, word in inside)
    noun = "Step" if len(steps) == 1 else "Steps"
    return failed(
        f"{noun} {', '.join(steps[:5])} of {runbook.name} cannot be followed without {listed(lost)}: {what}",
        steps=len(steps),
    )


@check(
    id="RB09",
    title="Links of the runbook open",
    severity=Severity.LOW,
    lesson="A dead link in step 2 is found by the person who follows it at night, and nobody else is awake to ask.",
    remediation="Correct or remove the links that answer with `404`; keep what a step needs on the page itself.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ready_to_support_use_runbooks.html",
)
def runbook_links(service: Service, runbook: Runbook) -> Verdict:
    """Judge the links that could be tried from here, without a sign-in."""
    if runbook.missing:
        return not_applicable(f"{service.name} has no runbook")
    dead = known(runbook.dead_links)
    if dead is None:
        return unknown(f"Links of {runbook.name} were not tried")
    if dead:
        return failed(f"{runbook.name} has dead links: {listed(dead)}", dead=len(dead), tried=runbook.links)
    if not runbook.links:
        return not_applicable(f"{runbook.name} has no link")
    return passed(f"All {runbook.links} links of {runbook.name} that could be tried open")


@check(
    id="RB10",
    title="Runbook is readable while the chat is down",
    severity=Severity.MEDIUM,
    lesson="On 20 October 2025 Slack and the wikis on the same cloud were degraded at the same time: those who had the steps in "
    "neither had none.",
    remediation="Keep the runbook as a file beside backstay.yaml or on another cloud than the chat, and add a webhook or e-mail "
    "to the audience's `routes:`, which carries the first steps.",
    docs="https://sre.google/sre-book/managing-incidents/",
)
def runbook_without_chat(service: Service, runbook: Runbook, routes: tuple[CommunicationRoute, ...]) -> Verdict:
    """Accept a page on other clouds than the chat, or a kept copy whose first steps go out by another route than chat."""
    if runbook.missing:
        return not_applicable(f"{service.name} has no runbook")
    chats = [route for route in routes if route.kind in _CHATS]
    others = [route.name for route in routes if route.kind not in _CHATS]
    if not chats:
        return not_applicable(f"{service.name} has no audience in a chat")
    if runbook.copy_kept and others:
        return passed(f"First steps of {runbook.name} also go out by {listed(others)}")
    clouds = {cloud for route in chats for cloud in route.runs_on or ()}
    if runbook.hosted_on is None or any(route.runs_on is None for route in chats):
        return unknown(f"Cloud that hosts {runbook.name}, or the chat, is unknown; set hosted_on in backstay.yaml")
    shared = clouds & set(runbook.hosted_on)
    if shared:
        return failed(
            f"{runbook.name} is hosted on {listed(shared)}, as the chat is, and no other route carries its steps"
        )
    return passed(
        f"{runbook.name} is hosted on {listed(runbook.hosted_on) or 'no cloud'}, the chat on {listed(clouds)}"
    )

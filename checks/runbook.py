"""At 3 a.m. people do what the runbook says. It must exist, be correct, and be readable while the cloud is down.

In October 2025 many runbooks were in a wiki on the failed provider; on 4 October 2021 Meta's engineers could not
reach their own tools, because those needed the network that had failed.
"""

from datetime import datetime

from checks._check import check
from checks._evidence import QUARTER
from checks._facts import ComputeGroup, Datastore, Deployment, Runbook, known
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._places import providers
from checks._words import listed


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

"""At three in the morning people do what the page says. There must be a page, it must be true, and it must open while the cloud is down.

In October 2025 many a runbook stood in a wiki on the same provider; on 4 October 2021 Meta's engineers could not reach
their own tools, because those needed the network that they were to repair.
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
    title="The service has a runbook that opens",
    severity=Severity.HIGH,
    lesson="Where nothing is written down, recovery waits for the one who knows, and on 20 October 2025 it was the middle of "
    "the night for them.",
    remediation="Write one page: how to tell, whom to tell, how to fail over, how to go back; name it under `runbook:` of "
    "the service in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ready_to_support_use_runbooks.html",
)
def runbook_exists(service: Service, runbooks: tuple[Runbook, ...]) -> Verdict:
    """Named in the catalogue, and its link not known to be dead."""
    named = [one for one in runbooks if not one.missing]
    if not named:
        if runbooks:
            return failed(f"{service.name} names no runbook")
        return unknown(f"Whether {service.name} has a runbook is not told; name it in backstay.yaml")
    dead = [one.name for one in named if one.reachable is False]
    if len(dead) == len(named):
        return failed(f"The runbook {listed(dead)} of {service.name} does not open")
    return passed(f"{service.name} has the runbook {listed(one.name for one in named)}")


@check(
    id="RB02",
    title="Runbooks were reviewed within 90 days",
    severity=Severity.MEDIUM,
    lesson="A page from before the migration sends people to machines that are gone, and costs the minutes that it was to save.",
    remediation="Walk through it once a quarter, best as part of a game day, and set `reviewed:` of the runbook in "
    "backstay.yaml to that day.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ready_to_support_use_playbooks.html",
)
def runbook_fresh(service: Service, runbook: Runbook, now: datetime) -> Verdict:
    """The day of the last review."""
    if runbook.missing:
        return not_applicable(f"{service.name} names no runbook")
    if runbook.reviewed_at is None:
        return unknown(f"When {runbook.name} was last reviewed is not told")
    day = f"{runbook.reviewed_at:%Y-%m-%d}"
    if now - runbook.reviewed_at <= QUARTER:
        return passed(f"{runbook.name} was reviewed on {day}", reviewed_at=runbook.reviewed_at.isoformat())
    return failed(
        f"{runbook.name} of {service.name} was last reviewed on {day}, longer ago than {QUARTER.days} days",
        reviewed_at=runbook.reviewed_at.isoformat(),
    )


@check(
    id="RB03",
    title="The runbook can be read while the service's provider is down",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 Jira and Confluence had trouble of their own: they run on the cloud whose outage their pages "
    "were to help with.",
    remediation="Keep it as a text file beside backstay.yaml (`runbook: runbooks/checkout.md`), in a repository that every "
    "engineer has cloned; or on another cloud, named in `hosted_on:`.",
    docs="https://sre.google/sre-book/managing-incidents/",
)
def runbook_elsewhere(
    service: Service,
    runbook: Runbook,
    compute: tuple[ComputeGroup, ...],
    stores: tuple[Datastore, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """A copy kept here, or a page on other clouds than the service."""
    if runbook.missing:
        return not_applicable(f"{service.name} names no runbook")
    if runbook.copy_kept:
        return passed(f"A copy of {runbook.name} is kept here")
    if runbook.hosted_on is None:
        return unknown(f"Which cloud {runbook.name} stands on is not known")
    clouds = providers(compute, stores, deployments)
    if not clouds:
        return unknown(f"Which cloud {service.name} runs on was not seen")
    shared = clouds & set(runbook.hosted_on)
    if shared:
        return failed(f"{runbook.name} stands on {listed(shared)}, as {service.name} does", shared=listed(shared))
    return passed(
        f"{runbook.name} stands on {listed(runbook.hosted_on) or 'no cloud'}, {service.name} on {listed(clouds)}"
    )


@check(
    id="RB04",
    title="The runbook names the steps of a failover",
    severity=Severity.LOW,
    lesson="A runbook that ends with `escalate` leaves out the one thing that it is opened for.",
    remediation="A section `Failover` with numbered steps, each a command to copy, and one `Failback`; say who decides.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/testing-disaster-recovery.html",
)
def runbook_names_failover(service: Service, runbook: Runbook) -> Verdict:
    """Told of the pages that were read."""
    if runbook.missing:
        return not_applicable(f"{service.name} names no runbook")
    names = known(runbook.names_failover)
    if names is None:
        return unknown(f"{runbook.name} was not read, so its steps are not known")
    if names:
        return passed(f"{runbook.name} names the steps of a failover", steps=runbook.steps)
    return failed(f"{runbook.name} of {service.name} does not say how to fail over", steps=runbook.steps)

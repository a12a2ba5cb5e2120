"""The people on call are part of the system. What they have not learned before an outage they learn during it, at its cost.

One hour a year covers AZs and regions, shared fate, where the runbook is, and who decides to fail over.
"""

from datetime import datetime

from checks._check import check
from checks._evidence import TRAINING, judge_attestation
from checks._facts import Attestation
from checks._model import Service, Severity, Verdict


@check(
    id="ED01",
    title="On-call training in the last 365 days is attested",
    severity=Severity.LOW,
    lesson="Until 20 October 2025 many teams believed that three AZs protect from losing a region.",
    remediation="Spend one hour on the last outage's timeline, the runbook and this scorecard; attest `training` in "
    "backstay.yaml with a link to the material.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_org_culture_team_enc_learn.html",
)
def trained(service: Service, attestations: tuple[Attestation, ...], now: datetime) -> Verdict:
    """Judge the attestation."""
    return judge_attestation(service, attestations, TRAINING, now)

"""The people on call are part of the system. What they have not learnt before the outage they learn during it, at its price.

Zones, regions, shared fate, where the runbook is, who may decide to fail over: an hour a year.
"""

from datetime import datetime

from checks._check import check
from checks._evidence import TRAINING, judge_attestation
from checks._facts import Attestation
from checks._model import Service, Severity, Verdict


@check(
    id="ED01",
    title="The people on call were trained within a year, as somebody vouches",
    severity=Severity.LOW,
    lesson="On 20 October 2025 many took three zones for safety from a lost region, until the morning taught them.",
    remediation="An hour with the last outage's timeline, the runbook and this scorecard; attest it as `training` in "
    "backstay.yaml with a link to the material.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_org_culture_team_enc_learn.html",
)
def trained(service: Service, words: tuple[Attestation, ...], now: datetime) -> Verdict:
    """A person's word."""
    return judge_attestation(service, words, TRAINING, now)

"""ACM certificates near their end: a renewal that is late is stuck."""

from datetime import timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.builders.facts import NOW
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS

from checks import Outcome


def state(title: str, outcome: Outcome, days: int, says: str = "", **told: Any) -> State:
    own = {"CertificateArn": arn("acm", "certificate/1"), "DomainName": "shop.example", "Type": "AMAZON_ISSUED"}
    row = {**own, "InUse": True, "RenewalEligibility": "ELIGIBLE", "NotAfter": NOW + timedelta(days=days), **told}
    answers = {("acm", "ListCertificates"): {"CertificateSummaryList": [row]}}
    return State(title, "DN07", outcome, answers, ("aws_certificates",), "shop.example", says)


STATES = [
    state("renewing, five days left", FAIL, 5, "is stuck"),
    state("renewing, twenty days left", FAIL, 20, "is stuck"),
    state("renewing, forty days left", PASS, 40, "renews automatically"),
    state("private, renewing, five days left", FAIL, 5, "is stuck", Type="PRIVATE"),
    state("renewing, five days left, not in use", NOT_APPLICABLE, 5, InUse=False),
    state("imported, five days left", FAIL, 5, "does not renew", Type="IMPORTED", RenewalEligibility="INELIGIBLE"),
    state("imported, a year left", PASS, 365, Type="IMPORTED", RenewalEligibility="INELIGIBLE"),
    state("ineligible, five days left", FAIL, 5, "does not renew", RenewalEligibility="INELIGIBLE"),
    state("expired", FAIL, -1, "expired on"),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_certificates(state: State) -> None:
    state.hold()

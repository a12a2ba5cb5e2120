"""The example account with one permission less at a time: no score rises, and nothing turns from good to bad or back."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.harness.ledgers import ledger_at

from bot.app.demo.estate import estate
from bot.app.demo.server import Denied, Reply, Script, example_aws
from bot.audit.collectors.aws.collector import AwsCollector, AwsSettings
from bot.audit.service import AuditService
from bot.catalogue import read
from bot.model import Audit

NOW = datetime.now(UTC)
SERVICES = ("storefront", "checkout", "payments", "login", "catalogue", "notifications")
CATALOGUE = "services:\n" + "".join(
    f"  - {{name: {name}, tier: 1, resources: {{tags: {{service: {name}}}}}}}\n" for name in SERVICES
)
JUDGED = ("pass", "fail")


class Refusing(Mapping[tuple[str, str, str], Reply]):
    """The example account, which refuses one operation."""

    def __init__(self) -> None:
        self.account: Script = estate(NOW)
        self.refused = ("", "")

    def __getitem__(self, key: tuple[str, str, str]) -> Reply:
        if key[1:] == self.refused:
            return self._refuse
        return self.account[key]

    def _refuse(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        raise Denied(f"not authorized to perform {':'.join(self.refused)}")

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        return iter(self.account)

    def __len__(self) -> int:
        return len(self.account)


async def audited(folder: Path) -> Audit:
    async with ledger_at(folder) as ledger:
        aws = AwsCollector(AwsSettings(calls_per_second=1000, burst=1000, regions=("us-east-1",)))
        return await AuditService(read(CATALOGUE), [aws], ledger, lambda: NOW).audit((), lambda _: None)


def outcomes(audit: Audit) -> dict[tuple[str, str], dict[str, str]]:
    """(service, check) -> the outcome for each resource."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for service in audit.scorecard.services:
        for finding in service.findings:
            found.setdefault((service.service.name, finding.check.id), {})[finding.place[0]] = finding.outcome.value
    return found


def turned(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What was judged and now is judged otherwise, or is gone without a word."""
    doubt = bool({"unknown", "error"} & set(after.values()))
    judged = {resource: outcome for resource, outcome in before.items() if outcome in JUDGED}
    return [
        f"{resource}: {outcome} -> {after.get(resource, 'gone')}"
        for resource, outcome in judged.items()
        if after.get(resource) not in (outcome, "unknown") and (resource in after or not doubt)
    ]


@pytest.fixture
def no_account_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), str(tmp_path / "none"))
    for name, value in (keys | files).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def test_a_refused_permission_never_helps(tmp_path: Path, no_account_of_ours: pytest.MonkeyPatch) -> None:
    account = Refusing()
    async with example_aws(account) as url:
        no_account_of_ours.setenv("AWS_ENDPOINT_URL", url)
        whole = await audited(tmp_path)
        for refused in (
            ("ec2", "DescribeRouteTables"),
            ("ec2", "DescribeSubnets"),
            ("application-autoscaling", "DescribeScalableTargets"),
            ("elbv2", "DescribeLoadBalancers"),
            ("dynamodb", "ListTables"),
        ):
            account.refused = refused
            less = await audited(tmp_path)
            for before, after in zip(whole.scorecard.services, less.scorecard.services, strict=True):
                name = f"{before.service.name} without {':'.join(refused)}"
                assert after.low <= before.low + 1e-9, name
                assert after.high >= before.high - 1e-9, name
                assert after.coverage <= before.coverage + 1e-9, name
            now = outcomes(less)
            wrong = {key: turned(was, now[key]) for key, was in outcomes(whole).items() if turned(was, now[key])}
            assert not wrong, refused

"""Plans of Terraform 0.12 to 1.10 that other tools recorded: each is read whole, and each resource is a fact or a gap.

Whence: ../shared/samples/SOURCES-clouds.tsv.
"""

from pathlib import Path

import pytest
from support.builders.plans import NOW

from bot.audit.change import Plan, compare
from bot.audit.collectors.engine.kinds import kinds_in
from bot.audit.collectors.terraform.collect import facts_of_plan
from bot.audit.collectors.terraform.entries import entries_of_changes
from bot.audit.collectors.terraform.files import read_plan_file
from bot.audit.collectors.terraform.kinds import aws, azure, google
from bot.audit.offline import OfflineRules, guessed_services
from checks import Outcome

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
FILES = sorted([*SAMPLES.glob("terraform/**/*plan*.json"), *SAMPLES.glob("gcp/plan-and-asset/*.tfplan.json")])
KINDS = {**kinds_in(aws), **kinds_in(google), **kinds_in(azure)}
SILENT = {
    "aws_elasticache_cluster",
    "aws_route53_record",
    "google_dns_record_set",
}  # a part of another fact, or no routing

pytestmark = pytest.mark.skipif(not FILES, reason="../shared/samples is not there")


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-2:]))
def test_a_recorded_plan_is_read_whole(file: Path) -> None:
    read = read_plan_file(str(file))
    found = facts_of_plan(read, NOW)
    wanted = [
        entry
        for entry in entries_of_changes(read.body.get("resource_changes"), "after")
        if not entry.data and entry.type in KINDS and entry.type not in SILENT
    ]
    told = {found.addresses[fact.resource] for fact in found.after.facts}
    told |= {found.addresses[gap.resource] for gap in found.after.gaps if gap.resource}
    known = {fact.resource for fact in found.after.facts}  # two modules may describe one default network
    assert not [entry.address for entry in wanted if entry.address not in told and entry.values.get("arn") not in known]
    assert not [gap.reason for gap in found.after.gaps if "unexpected form" in gap.reason]


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-2:]))
def test_a_recorded_plan_is_compared_without_an_error(file: Path) -> None:
    read = read_plan_file(str(file))
    found = facts_of_plan(read, NOW)
    if found.before is None:
        return
    entries, _ = guessed_services([found.before, found.after])
    rules = OfflineRules(entries, NOW)
    made = compare(rules.audit(found.before), rules.audit(found.after), Plan(file.name, found.addresses))
    findings = [finding for scored in made.after.scorecard.services for finding in scored.findings]
    assert not [finding for finding in findings if finding.outcome is Outcome.ERROR]


def test_a_plan_and_the_asset_made_of_it_agree() -> None:
    """Google's converter made the asset of the same plan: name, region and settings are the asset's."""
    folder = SAMPLES / "gcp" / "plan-and-asset"
    found = facts_of_plan(read_plan_file(str(folder / "full_spanner_instance.tfplan.json")), NOW)
    [fact] = found.after.facts
    text = (folder / "full_spanner_instance.json").read_text(encoding="utf-8")
    assert fact.name in text
    assert fact.region in text

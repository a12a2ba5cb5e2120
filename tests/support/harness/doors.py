"""The facts that each door makes of the one estate of `support.samples.one_estate`."""

from collections.abc import Callable, Mapping, Sequence

from support.builders.moment import NOW
from support.builders.plans import state
from support.fakes.aws_script import ScriptedAws, model_of, unknown_members
from support.harness.kubernetes_view import made_of
from support.samples.one_estate import (
    in_aws,
    in_azure,
    in_google,
    in_kubernetes,
    in_terraform,
    more_in_aws,
    more_in_azure,
    more_in_google,
    more_in_terraform,
)

from bot.audit.collectors.aws.source import sources
from bot.audit.collectors.azure.estate import ResourceIndex, resource_of
from bot.audit.collectors.azure.tables import TYPES
from bot.audit.collectors.engine.kinds import facts_of
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.gcp import run as google
from bot.audit.collectors.terraform.collect import facts_of_plan
from bot.audit.collectors.terraform.files import PlanFile
from checks import GLOBAL, Fact

_AWS = {**in_aws.ESTATE, **more_in_aws.ESTATE}
_GOOGLE = {**in_google.ESTATE, **more_in_google.ESTATE}
_AZURE = {**in_azure.ESTATE, **more_in_azure.ESTATE}
_SOURCES = {source.name: source for source in sources()}


def from_aws(case: str) -> Sequence[Fact]:
    """What the source of AWS reads from answers that botocore's model allows."""
    name, answers = _AWS[case]
    for (service, operation), answer in answers.items():
        wrong = [] if callable(answer) else list(unknown_members(model_of(service, operation).output_shape, answer))
        assert not wrong, (service, operation, wrong)
    source = _SOURCES[name]
    return list(source.read(ScriptedAws(answers).reader(name, everywhere=source.where == GLOBAL)))


def from_google(case: str) -> Sequence[Fact]:
    """What Google's assets become."""
    return google.made_of(list(_GOOGLE[case]), NOW)[1].facts


def from_azure(case: str) -> Sequence[Fact]:
    """What the rows of Resource Graph become; nothing where it has no such row."""
    if case not in _AZURE:
        return ()
    described, estate = _AZURE[case], ResourceIndex()
    for row in described.rows:
        estate.add(resource_of(row, estate))
    estate.details.update({arm: Row(answer) for arm, answer in described.details.items()})
    group = "/subscriptions/" + in_azure.SUBSCRIPTION + "/resourcegroups/shop"
    estate.locks[in_azure.SUBSCRIPTION] = frozenset({group} if described.locked else ())
    return facts_of(estate.by_id.values(), TYPES).facts


def from_kubernetes(case: str) -> Sequence[Fact]:
    """What the objects of a cluster become; nothing where a cluster has no such object."""
    found = in_kubernetes.ESTATE.get(case)
    return made_of(found.pods, found.nodes, **found.objects).facts if found else ()


def _from_terraform(estate: Mapping[str, in_terraform.Resources]) -> Callable[[str], Sequence[Fact]]:
    def read(case: str) -> Sequence[Fact]:
        return facts_of_plan(PlanFile("plan.json", "", state(*estate[case])), NOW, "us-east-1").after.facts

    return read


DOORS: Mapping[str, Callable[[str], Sequence[Fact]]] = {
    "aws": from_aws,
    "google": from_google,
    "azure": from_azure,
    "kubernetes": from_kubernetes,
    "terraform of aws": _from_terraform({**in_terraform.AWS, **more_in_terraform.AWS}),
    "terraform of google": _from_terraform({**in_terraform.GOOGLE, **more_in_terraform.GOOGLE}),
    "terraform of azure": _from_terraform({**in_terraform.AZURE, **more_in_terraform.AZURE}),
}
"""The doors, by name: a case of the estate -> its facts."""

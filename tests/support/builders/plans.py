"""Plans and states as `terraform show -json` writes them: https://developer.hashicorp.com/terraform/internals/json-format."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.audit.collectors.terraform.collect import PlannedFacts, facts_of_plan
from bot.audit.collectors.terraform.files import PlanFile
from checks import Fact

NOW = datetime(2026, 11, 28, tzinfo=UTC)
Values = Mapping[str, Any]
F = TypeVar("F", bound=Fact)
PROVIDERS = {"aws": "hashicorp/aws", "google": "hashicorp/google", "azurerm": "hashicorp/azurerm"}
AWS = {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}}}


def change(
    address: str,
    before: Values | None = None,
    after: Values | None = None,
    *,
    unknown: Any = None,
    actions: Sequence[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """One row of `resource_changes`. `unknown`: names that are known only after apply, or the whole nesting."""
    hidden = dict.fromkeys(unknown, True) if isinstance(unknown, (list, tuple)) else unknown or {}
    done = actions or (
        ("no-op",)
        if before == after
        else ("create",)
        if before is None
        else ("delete",)
        if after is None
        else ("update",)
    )
    return {
        **_named(address),
        "change": {"actions": list(done), "before": before, "after": after, "after_unknown": hidden},
        **more,
    }


def _named(address: str) -> dict[str, Any]:
    steps = [step for step in _steps(address) if step]
    kind, name = steps[-2], steps[-1].partition("[")[0]
    row: dict[str, Any] = {
        "address": address,
        "mode": "data" if address.startswith("data.") else "managed",
        "type": kind,
        "name": name,
        "provider_name": f"registry.terraform.io/{PROVIDERS.get(kind.partition('_')[0], 'hashicorp/null')}",
    }
    if "[" in steps[-1]:
        inner = steps[-1].partition("[")[2].rstrip("]")
        row["index"] = json.loads(inner)
    if len(steps) > 3:
        row["module_address"] = ".".join(steps[:-2])
    return row


def _steps(address: str) -> list[str]:
    steps, depth, start = [], 0, 0
    for at, letter in enumerate(address):
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if letter == "." and not depth:
            steps.append(address[start:at])
            start = at + 1
    return [*steps, address[start:]]


def block(address: str, expressions: Values | None = None, provider: str = "") -> dict[str, Any]:
    """One row of a module's `resources` in the configuration."""
    kind, name = address.split(".")
    key = provider or kind.partition("_")[0]
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_config_key": key,
        "expressions": dict(expressions or {}),
    }


def refers(*names: str) -> dict[str, Any]:
    """An expression that refers to these, as Terraform lists them: the attribute, then the resource."""
    return {"references": [part for name in names for part in (name, name.rpartition(".")[0])]}


def plan(
    *changes: dict[str, Any],
    blocks: Sequence[dict[str, Any]] = (),
    providers: Values = AWS,
    module_calls: Values | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A plan of Terraform 1.9 with these changes. `blocks`: the root module's resources in the configuration."""
    root = {"resources": list(blocks), "module_calls": dict(module_calls or {})}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": {"root_module": {}},
        "resource_changes": list(changes),
        "configuration": {"provider_config": dict(providers), "root_module": root},
        **more,
    }


def state(*resources: tuple[str, Values]) -> dict[str, Any]:
    """The state that `terraform show -json` writes without a plan."""
    rows = [{**_named(address), "values": dict(values)} for address, values in resources]
    return {"format_version": "1.0", "terraform_version": "1.9.8", "values": {"root_module": {"resources": rows}}}


def read(body: Mapping[str, Any], region: str = "") -> PlannedFacts:
    """The facts of a plan or state."""
    return facts_of_plan(PlanFile("plan.json", "", body), NOW, region)


def facts(body: Mapping[str, Any], kind: type[F], region: str = "") -> list[F]:
    """The facts after a plan, of one kind, in the order of their names."""
    found = (fact for fact in read(body, region).after.facts if isinstance(fact, kind))
    return sorted(found, key=lambda fact: (fact.name, fact.region))


DATABASE: Values = {
    "identifier": "orders",
    "engine": "postgres",
    "allocated_storage": 100,
    "multi_az": False,
    "backup_retention_period": 0,
    "deletion_protection": False,
    "tags_all": {"service": "shop"},
}
"""The arguments of a single-AZ `aws_db_instance` without backups."""

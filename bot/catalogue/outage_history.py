"""Data on money and concentration that comes with backstay: recorded outages, roles of providers, effort of each check's fix."""

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from checks import AnchorKind, Check, CheckCost, Effort, LossOf, OutageHistory, OutageRecord, Roles

_DAYS = 365.25


@cache
def outage_history() -> OutageHistory:
    """The recorded outages of providers, from outage_history.tsv, which names its source."""
    lines = _text("outage_history.tsv").splitlines()
    rows = csv.DictReader([line for line in lines if not line.startswith("#")], delimiter="\t")
    records = {row["provider"]: _record(row) for row in rows}
    classes = {name: kind for kind, names in _roles()["classes"].items() for name in names}
    return OutageHistory(records, classes, lines[0].removeprefix("#").strip())


def _record(row: Mapping[str, str]) -> OutageRecord:
    years = (date.fromisoformat(row["to"]) - date.fromisoformat(row["from"])).days / _DAYS
    critical = int(row["critical"]), float(row["critical_hours"])
    return OutageRecord(
        row["provider"], (row["provider"],), years, critical, (int(row["major_or_critical"]), float(row["hours"]))
    )


def roles(runs_on: Mapping[str, tuple[str, ...]]) -> Roles:
    """What providers are to their customers, from provider_roles.yaml. `runs_on`: SaaS -> the clouds or scopes it runs on."""
    said = _roles()
    saas = {name: AnchorKind(role) for role, names in said["roles"].items() for name in names}
    return Roles(saas, said["registries"], runs_on)


@cache
def check_costs() -> "CheckCosts":
    """The effort of each check's fix and the loss that it protects from, from check_costs.yaml."""
    said = yaml.safe_load(_text("check_costs.yaml"))
    return CheckCosts(
        {name: _cost(cost) for name, cost in said["families"].items()},
        {name: _cost(cost) for name, cost in said["checks"].items()},
    )


class CheckCosts:
    """The costs by family, and by check where a check has its own."""

    def __init__(self, families: Mapping[str, CheckCost], own: Mapping[str, CheckCost]) -> None:
        self.families, self.own = families, own

    def of(self, check: Check) -> CheckCost:
        """The cost of a check. Raises KeyError where neither it nor its family is named."""
        return self.own.get(check.id) or self.families[check.family]


def _cost(said: Mapping[str, str]) -> CheckCost:
    return CheckCost(Effort(said["effort"]), LossOf(said["loss"]))


@cache
def _roles() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(_text("provider_roles.yaml"))
    return found


def _text(name: str) -> str:
    return files("bot").joinpath("catalogue", name).read_text(encoding="utf-8")

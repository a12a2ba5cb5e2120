"""Reads Azure inside the child process: a few queries of Resource Graph for all subscriptions, then what these do not have."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from typing import Any, Final

from bot.audit.collectors.azure.details import Details, gaps_of
from bot.audit.collectors.azure.estate import SOURCE, ResourceIndex, resource_of, subscription_of
from bot.audit.collectors.azure.gaps import merged, not_in_azure
from bot.audit.collectors.azure.graph import (
    READ,
    SERVICE_GROUPS,
    SUBSCRIPTIONS,
    SUBSCRIPTIONS_READ,
    WINDOW,
    QueryQuota,
    batches,
    query_of,
    rows,
)
from bot.audit.collectors.azure.tables import TYPES, facts_of_table, tables
from bot.audit.collectors.engine.frames import Emit, emit_part
from bot.audit.collectors.engine.kinds import facts_of
from bot.audit.collectors.engine.row import OddFieldError
from bot.model import UnusableError
from bot.net.cloud_api import ApiLimits, CloudApi
from bot.net.http_client import HttpClient
from bot.net.read_error import ReadError
from checks import GLOBAL, Fact, Gap

_FIX: Final = (
    "grant the role of manifest/azure-role.json (or Reader) on each subscription, and check the settings under azure:"
)
_ARM_RATE: Final = 20.0  # calls/s; Azure Resource Manager grants 25 for each subscription and principal
_NOT_SEEN: Final = "the subscription cannot be seen: no role is granted on it, or it does not exist"


@dataclass(slots=True)
class _Run:
    """What a run has found so far. `seen`: subscriptions that may be read; `hurt`: those of which something could not be read."""

    graph: CloudApi
    base: str
    estate: ResourceIndex = field(default_factory=ResourceIndex)
    seen: dict[str, None] = field(default_factory=dict)
    hurt: set[str] = field(default_factory=set)
    gaps: list[Gap] = field(default_factory=list)
    failures: list[ReadError] = field(default_factory=list)


async def read_subscriptions(request: Mapping[str, Any], emit: Emit) -> None:
    """Read every subscription of a request, which has the fields of `SubscriptionSettings` and `only`.

    Raises:
        UnusableError: azure-identity is not installed, or nothing can be read.
    """
    if not _installed():
        raise UnusableError("azure-identity is not installed", "pip install 'backstay[azure]'")
    from bot.net.azure.sign_in import AzureApp, AzureSignIn, scope_of  # noqa: PLC0415 - the library is optional

    base, private, calls = str(request["api_url"]).rstrip("/"), bool(request["private"]), Counter[str]()
    timeout = timedelta(seconds=float(request["timeout"]))
    rate = float(request["calls_per_second"])
    app = AzureApp(request["tenant"], request["client"], request["secret"], request["login_url"])
    async with HttpClient() as http:
        sign_in = AzureSignIn(http, app, scope_of(base), private)
        limits, quota = ApiLimits(rate=rate, burst=WINDOW * rate, timeout=timeout), QueryQuota(sign_in.authorize)
        run = _Run(CloudApi(http, quota.sign_in, limits, private, quota.note, calls), base)
        await _read_graph(run, *_wanted(request), emit)
        arm = CloudApi(http, sign_in.authorize, ApiLimits(rate=_ARM_RATE, timeout=timeout), private, calls=calls)
        emit({"t": "progress", "done": 2, "total": 3, "doing": "reading what Resource Graph does not have"})
        groups = await _service_groups(run)
        left = int(request["most_calls"]) - calls.total()
        await Details(arm, base, run.estate, left, run.gaps).read(sorted(run.seen), groups)
    _emit_all(run, request["only"], emit)
    emit({"t": "end", "calls": calls.total(), "accounts": sorted(run.seen)})


def _installed() -> bool:
    try:
        return find_spec("azure.identity") is not None
    except ModuleNotFoundError:
        return False


def _wanted(request: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    """The subscriptions and management groups of a request; where only some places are to be read, the subscriptions of these."""
    named = [str(name).lower() for name in request["subscriptions"]]
    groups = tuple(request["management_groups"])
    if request["only"] is None:
        return named, groups
    only = {str(place[1]) for place in request["only"] if place[0] == SOURCE}
    return sorted(only if groups else only.intersection(named)), ()


async def _read_graph(run: _Run, named: Sequence[str], groups: Sequence[str], emit: Emit) -> None:
    """List the subscriptions, then each table of Resource Graph side by side.

    Raises:
        UnusableError: no subscription can be read.
    """
    emit({"t": "progress", "done": 0, "total": 3, "doing": "listing subscriptions"})
    scopes: list[Mapping[str, Sequence[str]]] = [*batches(named), *({"managementGroups": [group]} for group in groups)]
    await asyncio.gather(*(_subscriptions(run, scope) for scope in scopes))
    if not run.seen and run.failures:
        raise UnusableError(f"no subscription can be read: {run.failures[0].reason}", _FIX)
    asked = dict.fromkeys([*named, *run.seen])
    readable = [name for name in asked if name not in run.hurt]
    emit({"t": "progress", "done": 1, "total": 3, "doing": f"reading {len(readable)} subscriptions"})
    queries = [(table, query_of(table, types)) for table, types in tables().items()]
    reads = [_table(run, table, query, scope) for scope in batches(readable) for table, query in queries]
    await asyncio.gather(*reads)
    run.seen.update({resource.identity.account: None for resource in run.estate.by_id.values()})
    unseen = [name for name in readable if name not in run.seen]
    run.gaps += [_gap(name, ReadError(SUBSCRIPTIONS_READ, _NOT_SEEN), _ALL) for name in unseen]
    if not run.seen:
        problem = run.failures[0].reason if run.failures else _NOT_SEEN
        raise UnusableError(f"no subscription can be read: {problem}", _FIX)


async def _subscriptions(run: _Run, scope: Mapping[str, Sequence[str]]) -> None:
    """Note the subscriptions of a scope that may be read. A scope that is refused is halved until it is one subscription."""
    try:
        async for row in rows(run.graph, run.base, scope, SUBSCRIPTIONS):
            name = subscription_of(f"{row.get('id')}/") or str(row.get("subscriptionId") or "").lower()
            run.seen.update({name: None} if name else {})
    except ReadError as error:
        ids = scope.get("subscriptions", ())
        if len(ids) > 1 and _refused(error):
            half = len(ids) // 2
            await asyncio.gather(*(_subscriptions(run, {"subscriptions": part}) for part in (ids[:half], ids[half:])))
            return
        run.failures.append(error)
        run.hurt.update(ids)
        run.gaps += [_gap(name, error, _ALL) for name in ids or ("",)]


def _refused(error: ReadError) -> bool:
    return error.reason.startswith("access denied") or "HTTP 400" in error.reason


async def _service_groups(run: _Run) -> Sequence[str]:
    """The ids of the service groups. Where they cannot be listed, `unread` says so, and nothing is hidden: few tenants have any."""
    try:
        return [str(row["id"]) async for row in rows(run.graph, run.base, {}, SERVICE_GROUPS) if row.get("id")]
    except ReadError as error:
        run.gaps.append(_gap("", error, (), "service groups: "))
        return ()


async def _table(run: _Run, table: str, query: str, scope: Mapping[str, Sequence[str]]) -> None:
    """Read one table. Where a page fails, those before it count, and the rest is a gap of each subscription."""
    try:
        async for row in rows(run.graph, run.base, scope, query):
            _add(run, row)
    except ReadError as error:
        run.failures.append(error)
        run.estate.lost[table] = error.reason
        lost = facts_of_table(table)
        for name in scope["subscriptions"]:
            run.hurt.add(name)
            run.gaps.append(_gap(name, error, lost, f"{table}: "))


def _add(run: _Run, row: Mapping[str, Any]) -> None:
    try:
        run.estate.add(resource_of(row, run.estate))
    except OddFieldError as error:
        kind = TYPES.get(str(row.get("type")).lower())
        account = subscription_of(str(row.get("id"))) or str(row.get("subscriptionId") or "").lower()
        facts = kind.facts if kind else ()
        run.gaps.append(Gap(SOURCE, SOURCE, account, "", str(error), facts, READ, str(row.get("id"))))


_ALL: Final = tuple(dict.fromkeys(fact for kind in TYPES.values() for fact in kind.facts))


def _gap(account: str, error: ReadError, facts: tuple[type[Fact], ...], prefix: str = "") -> Gap:
    return Gap(SOURCE, SOURCE, account, "", f"{prefix}{error.reason}", facts, error.action)


def _emit_all(run: _Run, only: list[list[str]] | None, emit: Emit) -> None:
    """Emit the facts by subscription and region, then all gaps. A subscription that was read in part replaces nothing."""
    wanted = None if only is None else {(place[1], place[2]) for place in only if place[0] == SOURCE}
    made = facts_of(run.estate.by_id.values(), TYPES)
    parts: dict[tuple[str, str], list[Fact]] = {(name, GLOBAL): [] for name in run.seen}
    parts |= {place: [] for place in wanted or ()}
    for fact in made.facts:
        parts.setdefault((fact.account, fact.region), []).append(fact)
    for (account, region), facts in parts.items():
        if wanted is None or (account, region) in wanted:
            emit_part(emit, None if account in run.hurt else (SOURCE, account, region), facts, ())
    gaps = [
        *run.gaps,
        *merged([*made.gaps, *gaps_of(run.estate)]),
        *(gap for name in run.seen for gap in not_in_azure(name)),
    ]
    emit_part(emit, None, (), gaps)

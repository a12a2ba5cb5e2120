"""Reads Google Cloud inside the child process: one listing of assets for each parent, then what that listing lacks."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.audit.collectors.engine.frames import Emit, emit_part
from bot.audit.collectors.engine.kinds import Made, facts_of
from bot.audit.collectors.engine.row import OddFieldError
from bot.audit.collectors.gcp.asset import SOURCE, Asset, AssetIndex, asset_of, folder_names, project_ids
from bot.audit.collectors.gcp.completion import NOT_LISTED, complete
from bot.audit.collectors.gcp.gaps import KINDS_OF_SIGNS, not_read
from bot.audit.collectors.gcp.kinds_of import LIST
from bot.audit.collectors.gcp.listing import TYPES, assets_of
from bot.audit.collectors.gcp.product_calls import QUOTAS
from bot.model import UnusableError
from bot.net.cloud_api import ApiLimits, CloudApi
from bot.net.gcp import FIX, is_installed
from bot.net.http_client import HttpClient
from bot.net.read_error import ReadError
from checks import GLOBAL, Fact, Gap

_SIGN_IN: Final = "run `gcloud auth application-default login`, or set gcp.credentials_file"
_FIX: Final = f"grant {LIST} on each parent (roles/cloudasset.viewer), and enable cloudasset.googleapis.com"
_OF_LISTING: Final = tuple(
    dict.fromkeys(
        (*(fact for kind in TYPES.values() if LIST in kind.permissions for fact in kind.facts), *KINDS_OF_SIGNS)
    )
)


@dataclass(slots=True)
class _Run:
    """What was listed so far. `estate`: the assets, `odd`: those that have no usable name or type, as gaps."""

    now: datetime
    emit: Emit
    items: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    failures: list[ReadError] = field(default_factory=list)
    done: int = 0
    total: int = 0

    def add(self, item: Mapping[str, Any]) -> None:
        """Keep an item of a listing. One that is listed under two parents counts once."""
        self.items.setdefault(str(item.get("name")), item)

    def progress(self, doing: str) -> None:
        """Tell how many listings are done."""
        self.emit({"t": "progress", "done": self.done, "total": self.total, "doing": doing})


async def read_parents(request: Mapping[str, Any], emit: Emit) -> None:
    """Read every parent of a request, which has the fields of `GcpSettings` and `only`.

    Raises:
        UnusableError: none of them can be read.
    """
    if not is_installed():
        raise UnusableError("google-auth is not installed", FIX)
    from bot.net.gcp.sign_in import ACTION, GoogleSignIn  # noqa: PLC0415 - the library is optional

    rate, parents = float(request["calls_per_second"]), list(dict.fromkeys(request["parents"]))
    run = _Run(datetime.now(UTC), emit, total=len(parents))
    timeout = timedelta(seconds=float(request["timeout"]))
    limits = ApiLimits(rate=rate, burst=2 * rate, timeout=timeout, hosts=QUOTAS)
    async with HttpClient() as http:
        private, base = bool(request["private"]), request["api_url"]
        api = CloudApi(http, GoogleSignIn(http, request["credentials_file"], private).authorize, limits, private)
        async with asyncio.TaskGroup() as group:
            for parent in parents:
                group.create_task(_list(run, api, base or "https://cloudasset.googleapis.com", parent))
        if len(run.failures) == len(parents) and not run.items:
            first = run.failures[0]
            raise UnusableError(f"no parent can be read: {first.reason}", _SIGN_IN if first.action == ACTION else _FIX)
        estate, odd = estate_of(run.items.values(), run.now)
        run.items.clear()
        run.progress("reading what Cloud Asset Inventory lacks")
        run.gaps += await complete(api, base, estate, run.now)
    made = facts_of(_assets(estate), TYPES)
    run.gaps += [*made.gaps, *odd]
    accounts = _emit_all(run, estate, made, request["only"])
    emit({"t": "end", "calls": api.calls.total(), "accounts": accounts})


async def _list(run: _Run, api: CloudApi, base: str, parent: str) -> None:
    """List one parent. Where a page fails, those before it count, and the rest is a gap."""
    run.progress(f"reading {parent}")
    try:
        async for item in assets_of(api, base, parent):
            run.add(item)
    except ReadError as error:
        run.failures.append(error)
        account = parent.removeprefix("projects/") if parent.startswith("projects/") else ""
        run.gaps.append(Gap(SOURCE, "gcp", account, "", f"{parent}: {error.reason}", _OF_LISTING, error.action))
    run.done += 1


def made_of(items: Iterable[Mapping[str, Any]], now: datetime) -> tuple[AssetIndex, Made]:
    """The facts of listed assets alone."""
    estate, odd = estate_of(items, now)
    made = facts_of(_assets(estate), TYPES)
    made.gaps += odd
    return estate, made


def estate_of(items: Iterable[Mapping[str, Any]], now: datetime) -> tuple[AssetIndex, list[Gap]]:
    """The assets of listed items, and a gap for each item that is odd."""
    found, gaps = list(items), list[Gap]()
    projects, folders = dict[str, str](), dict[str, str]()
    for item in found:
        try:
            projects |= project_ids([item])
            folders |= folder_names([item])
        except OddFieldError:
            continue
    estate = AssetIndex(projects, NOT_LISTED, folders)
    for item in found:
        try:
            estate.add(asset_of(item, now, estate))
        except OddFieldError as error:
            kind = TYPES.get(str(item.get("assetType", item.get("asset_type"))).lower())
            missing = kind.facts if kind else ()
            gaps.append(Gap(SOURCE, "gcp", "", "", str(error), missing, LIST, resource=str(item.get("name"))))
    return estate, gaps


def _assets(estate: AssetIndex) -> list[Asset]:
    return [asset for found in list(estate.by_type.values()) for asset in found]


def _emit_all(run: _Run, estate: AssetIndex, made: Made, only: list[list[str]] | None) -> list[str]:
    """Emit the facts by project and region; returns the projects."""
    accounts = {asset.identity.account for asset in _assets(estate)} - {""}
    wanted = None if only is None else {(account, region) for source, account, region in only if source == SOURCE}
    parts: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for account in accounts:
        parts[account, GLOBAL] = []
    for place in wanted or ():
        parts[place] = []
    for fact in made.facts:
        parts[fact.account, fact.region].append(fact)
    for place, facts in parts.items():
        if wanted is None or place in wanted:
            emit_part(run.emit, (SOURCE, *place), facts, ())
    emit_part(run.emit, None, (), [*run.gaps, *not_read(estate, sorted(accounts))])
    return sorted(accounts)

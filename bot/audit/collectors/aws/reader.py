"""What a source reads through: one account and region, each call made once, per-resource calls in parallel."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.net.aws.client import AwsClient
from bot.net.aws.errors import ReadError
from checks import GLOBAL, Fact, Unread

T = TypeVar("T")
R = TypeVar("R")
F = TypeVar("F", bound=Fact)
Rows = list[dict[str, Any]]

NOT_ASKED = Unread("no check asks for it, so it was not read")
"""For a field whose call would cost one request per resource and serve no check."""

_HELPERS = 7  # threads beside the caller's on one list of items: no single source takes the whole pool
_STACK_TAG = "aws:cloudformation:stack-name"
_HOME = "us-east-1"  # where AWS keeps the control planes of its global services


@dataclass(slots=True)
class ReachedAccount:
    """One account as it is read: shared by the readers of its regions. `regions` are those in scope."""

    id: str
    wire: AwsClient
    pool: ThreadPoolExecutor
    now: datetime
    regions: tuple[str, ...]
    home: str = _HOME
    answers: dict[Any, "Future[Any]"] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Reader:
    """Reads one account and region for one source. `region` is `global` for a global source (`client_region` is not).

    Calls with the same words are sent once per account and region, whoever asks. Every method that calls raises
    `ReadError`; where one field of a fact hangs on the call, wrap it in `maybe`.
    """

    def __init__(self, account: ReachedAccount, region: str, source: str = "") -> None:
        self._account, self.region, self.source = account, region, source
        self.untagged: list[ReadError] = []

    @property
    def account(self) -> str:
        """The account's id."""
        return self._account.id

    @property
    def now(self) -> datetime:
        """When this audit began, UTC."""
        return self._account.now

    @property
    def regions(self) -> tuple[str, ...]:
        """The account's regions in scope."""
        return self._account.regions

    @property
    def client_region(self) -> str:
        """The region whose endpoints are called."""
        return self._account.home if self.region == GLOBAL else self.region

    def at(self, region: str) -> "Reader":
        """The same account and source in another region: for resources that a global listing finds there."""
        reader = Reader(self._account, region, self.source)
        reader.untagged = self.untagged
        return reader

    def list(self, service: str, operation: str, key: str, **params: Any) -> Rows:
        """All items under `key` (dots step inwards: `DistributionList.Items`) of all pages. `operation` as in the API
        reference: `DescribeInstances`. Items may be strings where the API lists names. Do not change what it returns.
        """  # noqa: D205 - the first sentence has to name both arguments
        steps = key.split(".")

        def fetch() -> Rows:
            items: Rows = []
            try:
                for page in self._account.wire.pages(service, operation, self.client_region, params):
                    items.extend(_inside(page, steps))
            except ReadError as error:
                if error.code == "Unreachable" and not self._account.wire.offered(service, self.client_region):
                    return []  # the service does not exist in this region, so nothing of it does
                raise
            return items

        return self._once((service, operation, key, _frozen(params)), fetch)

    def get(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """The answer to one call, without its metadata. Do not change what it returns."""
        return self._once(
            (service, operation, _frozen(params)),
            lambda: self._account.wire.call(service, operation, self.client_region, params),
        )

    def find(self, service: str, operation: str, absent: Sequence[str], **params: Any) -> dict[str, Any] | None:
        """Like `get`, but None where AWS answers with one of the codes `absent` (`NoSuchLifecycleConfiguration`)."""
        try:
            return self.get(service, operation, **params)
        except ReadError as error:
            if error.code in absent:
                return None
            raise

    def offered(self, service: str) -> bool:
        """Whether AWS offers the service in this region; True where botocore's list of endpoints does not say."""
        return self._account.wire.offered(service, self.client_region)

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> Sequence[R]:
        """`function` of each item, in parallel, in order. May be nested: the caller works too, so nobody waits idle."""
        work = list(items)
        done: list[Any] = [None] * len(work)
        turns = iter(range(len(work)))
        lock = threading.Lock()

        def labour() -> None:
            while True:
                with lock:
                    turn = next(turns, None)
                if turn is None:
                    return
                done[turn] = function(work[turn])

        helpers = [self._account.pool.submit(labour) for _ in range(min(_HELPERS, len(work) - 1))]
        try:
            labour()
        finally:
            for helper in helpers:
                helper.cancel()
        for helper in helpers:
            if not helper.cancelled():
                helper.result()
        return done

    def maybe(self, read: Callable[[], T]) -> "T | Unread":
        """What `read` returns, or why it could not be read."""
        try:
            return read()
        except ReadError as error:
            return Unread(error.reason)

    def tags(self, arn: str, own: Mapping[str, str] | None = None) -> Mapping[str, str]:
        """A resource's tags. `own`: those that its listing told, which spares the region's tag listing.

        Where the tag listing cannot be read they are empty and the audit tells a gap.
        """
        if own is not None:
            return own
        try:
            return self._tagged().get(arn, {})
        except ReadError as error:
            self.untagged.append(error)
            return {}

    def stack(self, tags: Mapping[str, str]) -> str:
        """The CloudFormation stack that made a resource, empty where none did."""
        return tags.get(_STACK_TAG, "")

    def zone_id(self, zone_name: str) -> str:
        """The stable id (`use1-az4`) of a zone's name in this account (`us-east-1a`); the name where it is not told."""
        return self._zone_ids().get(zone_name, zone_name) if zone_name else ""

    def zone_ids(self, zone_names: Iterable[str]) -> tuple[str, ...]:
        """Ids of these zones, sorted, each once."""
        return tuple(sorted({self.zone_id(name) for name in zone_names if name}))

    def arn(self, service: str, resource: str) -> str:
        """`arn:aws:<service>:<region>:<account>:<resource>`, for listings that tell only names."""
        region = "" if self.region == GLOBAL else self.region
        return f"arn:{self._partition}:{service}:{region}:{self.account}:{resource}"

    def rootless_arn(self, service: str, resource: str) -> str:
        """`arn:aws:<service>:::<resource>`, as Route 53 and S3 name things: outside any region and account."""
        return f"arn:{self._partition}:{service}:::{resource}"

    def fact(self, kind: type[F], /, *, tags: Mapping[str, str] | None = None, **fields: Any) -> F:
        """A fact of this place: `resource`, `name`, `product` and the kind's own fields; the rest is filled in."""
        worn = self.tags(fields["resource"]) if tags is None else tags
        own = {name: _utc(value) for name, value in fields.items()}
        return kind(
            provider="aws",
            account=self.account,
            region=self.region,
            source=self.source,
            observed_at=self.now,
            tags=worn,
            **{"stack": self.stack(worn), **own},
        )

    @property
    def _partition(self) -> str:
        region = self.client_region
        return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"

    def _tagged(self) -> dict[str, dict[str, str]]:
        rows = self.list("resourcegroupstaggingapi", "GetResources", "ResourceTagMappingList", ResourcesPerPage=100)
        return self._once(
            ("tags by resource",),
            lambda: {row["ResourceARN"]: tag_map(row.get("Tags")) for row in rows},
        )

    def _zone_ids(self) -> dict[str, str]:
        def fetch() -> dict[str, str]:
            try:
                rows = self.list("ec2", "DescribeAvailabilityZones", "AvailabilityZones")
            except ReadError:
                return {}  # zone names still tell zones of one account apart
            return {row["ZoneName"]: row.get("ZoneId") or row["ZoneName"] for row in rows}

        return self._once(("zone ids",), fetch)

    def _once(self, words: tuple[Any, ...], fetch: Callable[[], T]) -> T:
        key = (self.client_region, *words)
        with self._account.lock:
            answer = self._account.answers.get(key)
            mine = answer is None
            if answer is None:
                answer = self._account.answers[key] = Future()
        if mine:
            try:
                answer.set_result(fetch())
            except BaseException as error:
                answer.set_exception(error)
                raise
        found: T = answer.result()
        return found


def tag_map(rows: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """`[{"Key": k, "Value": v}]`, in whichever case AWS spells it, as a mapping."""
    pairs = ((row.get("Key", row.get("key", "")), row.get("Value", row.get("value", ""))) for row in rows or ())
    return dict(pairs)


def _utc(value: Any) -> Any:
    """A moment in UTC: botocore gives some in the machine's own time zone."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _inside(page: Mapping[str, Any], steps: Sequence[str]) -> Iterator[Any]:
    found: Any = page
    for step in steps:
        found = (found or {}).get(step)
    return iter(found or ())


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(sorted((name, _frozen(inner)) for name, inner in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(inner) for inner in value)
    return value

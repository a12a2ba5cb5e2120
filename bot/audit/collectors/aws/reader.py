"""Reads one AWS account and region for a source: each call is made once, per-resource calls run in parallel."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from bot.audit.collectors.aws.guarded import UnreadResource
from bot.audit.collectors.aws.parts.phases import phase_of
from bot.net.aws.errors import ReadError
from checks import GLOBAL, Fact, Unread

T = TypeVar("T")
R = TypeVar("R")
F = TypeVar("F", bound=Fact)
Rows = list[dict[str, Any]]

NOT_READ = Unread("not read, because no check needs it")
"""The value of a field that would cost one call per resource and that no check needs."""

_HELPERS = 7  # extra threads per list of items, so that no single source takes the whole pool
_STACK_TAG = "aws:cloudformation:stack-name"
_HOME = "us-east-1"  # the control planes of global services run here


class AwsCalls(Protocol):
    """Calls AWS with the credentials of one account. Its methods are those of `net.aws.client.AwsClient`."""

    def offered(self, service: str, region: str) -> bool:
        """Whether AWS offers the service in the region."""
        ...

    def pages(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the pages of a listing.

        Raises:
            ReadError: a call failed for good.
        """
        ...

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Make one call and return its answer.

        Raises:
            ReadError: it failed for good.
        """
        ...


@dataclass(slots=True)
class ReachedAccount:
    """One account that is being read, shared by the readers of its regions. `regions` are the regions in scope.

    `home`: the region that serves global services. `partition`: of its ARNs; empty: by the region.
    """

    id: str
    client: AwsCalls
    pool: ThreadPoolExecutor
    now: datetime
    regions: tuple[str, ...]
    home: str = _HOME
    partition: str = ""
    answers: dict[Any, "Future[Any]"] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Reader:
    """Reads one account and region for one source. `region` is `global` for a global source (`client_region` is not).

    Calls with the same parameters are sent once per account and region, whichever source needs them. Every method that
    calls AWS raises `ReadError`; wrap the call in `maybe` if only one field of a fact depends on it.
    """

    def __init__(self, account: ReachedAccount, region: str, source: str = "") -> None:
        self._account, self.region, self.source = account, region, source
        self.untagged: list[ReadError] = []
        self.unread: list[UnreadResource] = []
        self.doubtful: dict[tuple[str, str], ReadError] = {}

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
        """A reader of the same account and source in another region, for resources that a global listing finds there."""
        reader = Reader(self._account, region, self.source)
        reader.untagged, reader.unread, reader.doubtful = self.untagged, self.unread, self.doubtful
        return reader

    def list(self, service: str, operation: str, key: str, **params: Any) -> Rows:
        """All items under `key` (dots step inwards: `DistributionList.Items`) of all pages. `operation` as in the API
        reference: `DescribeInstances`. Items may be strings where the API lists names. Do not change what it returns.
        """  # noqa: D205 - the first sentence has to name both arguments
        steps = key.split(".")

        def fetch() -> Rows:
            items: Rows = []
            try:
                for page in self._account.client.pages(service, operation, self.client_region, params):
                    items.extend(_items_at(page, steps))
            except ReadError as error:
                if error.code == "Unreachable" and not self._account.client.offered(service, self.client_region):
                    return []  # the service does not exist in this region, so it has no resources
                raise
            return items

        return self._once((service, operation, key, _hashable(params)), fetch)

    def get(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """The answer to one call, without its metadata. Do not change what it returns."""
        return self._once(
            (service, operation, _hashable(params)),
            lambda: self._account.client.call(service, operation, self.client_region, params),
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
        """Whether AWS offers the service in this region; True if botocore's endpoint data does not list it."""
        return self._account.client.offered(service, self.client_region)

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> Sequence[R]:
        """`function` applied to each item, in parallel; results keep the order. May be nested: the calling thread works too."""
        todo = list(items)
        results: list[Any] = [None] * len(todo)
        positions = iter(range(len(todo)))
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    at = next(positions, None)
                if at is None:
                    return
                results[at] = function(todo[at])

        helpers = [self._account.pool.submit(work) for _ in range(min(_HELPERS, len(todo) - 1))]
        try:
            work()
        finally:
            for helper in helpers:
                helper.cancel()
        for helper in helpers:
            if not helper.cancelled():
                helper.result()
        return results

    def maybe(self, read: Callable[[], T]) -> "T | Unread":
        """The result of `read`, or `Unread` with the reason of its `ReadError`, which the audit reports once."""
        try:
            return read()
        except ReadError as error:
            if not error.gone:
                self.doubtful[self.region, error.action] = error
            return Unread(error.reason)

    def tags(self, arn: str, own: Mapping[str, str] | None = None) -> Mapping[str, str]:
        """A resource's tags. `own`: tags from its own listing, which save the region's tag listing.

        If the tag listing cannot be read, the tags are empty and the audit reports a gap.
        """
        if own is not None:
            return own
        try:
            return self._tags_by_arn().get(arn, {})
        except ReadError as error:
            self.untagged.append(error)
            return {}

    def stack(self, tags: Mapping[str, str]) -> str:
        """The CloudFormation stack that created a resource, else empty."""
        return tags.get(_STACK_TAG, "")

    def zone_id(self, zone_name: str) -> str:
        """The id (`use1-az4`) of a zone that this account calls `us-east-1a`; the name itself if the id is unknown."""
        return self._zone_ids().get(zone_name, zone_name) if zone_name else ""

    def zone_ids(self, zone_names: Iterable[str]) -> tuple[str, ...]:
        """The ids of these zones, sorted, without duplicates."""
        return tuple(sorted({self.zone_id(name) for name in zone_names if name}))

    def arn(self, service: str, resource: str) -> str:
        """`arn:<partition>:<service>:<region>:<account>:<resource>`, for listings that contain only names."""
        region = "" if self.region == GLOBAL else self.region
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{resource}"

    def rootless_arn(self, service: str, resource: str) -> str:
        """`arn:<partition>:<service>:::<resource>`: ARNs of Route 53 and S3 have neither region nor account."""
        return f"arn:{self.partition}:{service}:::{resource}"

    def fact(self, kind: type[F], /, *, tags: Mapping[str, str] | None = None, **fields: Any) -> F:
        """A fact of this account and region. Pass `resource`, `name`, `product` and the kind's own fields.

        `status`, as the API tells it, sets the phase.
        """
        fact_tags = self.tags(fields["resource"]) if tags is None else tags
        own = {name: _utc(value) for name, value in fields.items()}
        return kind(
            provider="aws",
            account=self.account,
            region=self.region,
            source=self.source,
            observed_at=self.now,
            tags=fact_tags,
            phase=phase_of(fields.get("status") or ""),
            **{"stack": self.stack(fact_tags), **own},
        )

    @property
    def partition(self) -> str:
        """The partition that the account is in: `aws`, `aws-us-gov`, `aws-cn` ..."""
        region = self.client_region
        by_region = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
        return self._account.partition or by_region

    def _tags_by_arn(self) -> dict[str, dict[str, str]]:
        rows = self.list("resourcegroupstaggingapi", "GetResources", "ResourceTagMappingList", ResourcesPerPage=100)
        return self._once(
            ("tags by resource",),
            lambda: {row.get("ResourceARN", ""): tag_map(row.get("Tags")) for row in rows},
        )

    def _zone_ids(self) -> dict[str, str]:
        def fetch() -> dict[str, str]:
            try:
                rows = self.list("ec2", "DescribeAvailabilityZones", "AvailabilityZones")
            except ReadError:
                return {}  # zone names still distinguish the zones of one account
            names = [row for row in rows if row.get("ZoneName")]
            return {row["ZoneName"]: row.get("ZoneId") or row["ZoneName"] for row in names}

        return self._once(("zone ids",), fetch)

    def _once(self, call: tuple[Any, ...], fetch: Callable[[], T]) -> T:
        key = (self.client_region, *call)
        with self._account.lock:
            answer = self._account.answers.get(key)
            first = answer is None
            if answer is None:
                answer = self._account.answers[key] = Future()
        if first:
            try:
                answer.set_result(fetch())
            except BaseException as error:
                answer.set_exception(error)
                raise
        result: T = answer.result()
        return result


def tag_map(rows: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as a mapping, from `[{"Key": k, "Value": v}]` or `[{"key": k, "value": v}]`."""
    pairs = ((row.get("Key", row.get("key", "")), row.get("Value", row.get("value", ""))) for row in rows or ())
    return dict(pairs)


def _utc(value: Any) -> Any:
    """A time in UTC: botocore returns some in the machine's local time zone."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _items_at(page: Mapping[str, Any], steps: Sequence[str]) -> Iterator[Any]:
    found: Any = page
    for step in steps:
        found = (found or {}).get(step)
    return iter(found or ())


def _hashable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(sorted((name, _hashable(inner)) for name, inner in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(_hashable(inner) for inner in value)
    return value

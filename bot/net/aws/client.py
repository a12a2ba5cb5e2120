"""The AWS client: one botocore client per service and region, every call rate-limited, retried and counted."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import botocore.exceptions
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.paginate import Paginator, PaginatorModel

from bot.net.adaptive_rate import AdaptiveRateLimiter
from bot.net.aws.errors import ReadError, read_error, throttled, transient
from bot.net.aws.iam_actions import iam_action

_THROTTLED_TRIES = 12
_TRIES = 3
# Services that grant far more or less than most: S3 thousands a second for each bucket; Route 53 five a second to a whole
# account (developer guide, "Maximums on API requests"), CloudTrail's LookupEvents two (user guide, "Quotas").
_SHARE = {"s3": 5.0, "route53": 0.25, "route53domains": 0.1, "cloudtrail": 0.1}


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of AWS calls: calls in flight in total, calls/s and burst per account, region and service, timeout in seconds."""

    concurrency: int = 16
    rate: float = 20.0
    burst: float = 40.0
    timeout: float = 30.0


@dataclass(slots=True)
class Tally:
    """Counts of calls sent: `calls` by IAM action, retries in `again`."""

    calls: Counter[str] = field(default_factory=Counter)
    again: int = 0


class AwsClient:
    """Makes AWS calls with one set of credentials, in every region and service.

    botocore's own retries are off: a retry waits in the same token bucket as a first call, so that a throttled service is not
    called faster than it allows.
    """

    def __init__(
        self,
        session: botocore.session.Session,
        limits: Limits,
        gate: threading.Semaphore,
        tally: Tally,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session, self._limits, self._gate, self._sleep = session, limits, gate, sleep
        self.tally = tally
        self._clients: dict[tuple[str, str], Any] = {}
        self._paces: dict[tuple[str, str], AdaptiveRateLimiter] = {}
        self._pages: dict[str, PaginatorModel | None] = {}
        self._offered: dict[tuple[str, str], bool] = {}
        # botocore's sessions are not safe for concurrent client creation; the other locks keep calls from waiting for it.
        self._creating, self._pacing, self._paging = threading.Lock(), threading.Lock(), threading.Lock()
        self._config = Config(
            connect_timeout=min(5.0, limits.timeout),
            read_timeout=limits.timeout,
            max_pool_connections=limits.concurrency,
            retries={"mode": "standard", "total_max_attempts": 1},
            parameter_validation=False,
        )

    def offered(self, service: str, region: str) -> bool:
        """Whether botocore's list of endpoints knows the service in the region; True where it lists it in no partition."""
        key = (service, region)
        if key not in self._offered:
            self._offered[key] = self._is_offered(service, region)
        return self._offered[key]

    def _is_offered(self, service: str, region: str) -> bool:
        partitions = {name: self._places(service, name) for name in self._session.get_available_partitions()}
        if not any(partitions.values()):
            return True
        try:
            own = partitions.get(self._session.get_partition_for_region(region), set())
        except botocore.exceptions.UnknownRegionError:
            return True
        # A service without regions has one endpoint for its whole partition, listed as `aws-global`.
        return region in own or any(name.endswith("-global") for name in own)

    def _places(self, service: str, partition: str) -> set[str]:
        return set(self._session.get_available_regions(service, partition_name=partition, allow_non_regional=True))

    def regions(self) -> list[str]:
        """The regions that botocore's endpoint lists know, those of every partition."""
        found: list[str] = []
        for partition in self._session.get_available_partitions():
            found.extend(self._session.get_available_regions("ec2", partition_name=partition))
        return found

    def others(self, regions: Sequence[str]) -> list[str]:
        """The regions of the same partitions that are not among these."""
        found: list[str] = []
        for partition in self._session.get_available_partitions():
            known = self._session.get_available_regions("ec2", partition_name=partition)
            if not set(known).isdisjoint(regions):
                found.extend(region for region in known if region not in regions)
        return found

    def pages(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield every page of a listing; one page where the operation is not paginated.

        Raises:
            ReadError: a call failed for good.
        """
        client = self._client(service, region)

        def send(**parameters: Any) -> dict[str, Any]:
            return self._send(client, service, operation, region, parameters)

        model = self._page_model(service)
        try:
            config = model.get_paginator(operation) if model else None
        except ValueError:
            config = None
        if config is None:
            yield send(**params)
            return
        operation_model = client.meta.service_model.operation_model(operation)
        paginator: Any = Paginator(send, config, operation_model)  # type: ignore[arg-type]  # the stub says str
        yield from paginator.paginate(**params)

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Make one call and return its answer.

        Raises:
            ReadError: it failed for good.
        """
        return self._send(self._client(service, region), service, operation, region, params)

    def _send(
        self, client: Any, service: str, operation: str, region: str, params: Mapping[str, Any]
    ) -> dict[str, Any]:
        method, action = getattr(client, xform_name(operation)), iam_action(service, operation)
        pace = self._pace(client.meta.service_model.signing_name, region)
        self.tally.calls[action] += 1
        failures = refusals = 0
        while True:
            pace.take()
            try:
                with self._gate:
                    answer: dict[str, Any] = method(**params)
            except Exception as error:  # noqa: BLE001 - whatever breaks in a call costs that call only
                if throttled(error):
                    pace.slow()
                    refusals += 1
                elif transient(error):
                    failures += 1
                    self._sleep(random.uniform(0, 0.2 * 2**failures))  # noqa: S311 - jitter, not a secret
                else:
                    raise read_error(error, action, region) from None
                if failures >= _TRIES or refusals >= _THROTTLED_TRIES:
                    raise read_error(error, action, region) from None
                self.tally.again += 1
            else:
                pace.accepted()
                answer.pop("ResponseMetadata", None)
                return answer

    def _client(self, service: str, region: str) -> Any:
        client = self._clients.get((service, region))
        if client is not None:
            return client
        with self._creating:
            client = self._clients.get((service, region))
            if client is None:
                client = self._session.create_client(service, region_name=region, config=self._config)
                if "amazonaws" not in client.meta.endpoint_url:
                    client.meta.events.register("before-call", _one_host)
                self._clients[service, region] = client
            return client

    def _pace(self, service: str, region: str) -> AdaptiveRateLimiter:
        with self._pacing:
            pace = self._paces.get((service, region))
            if pace is None:
                share = _SHARE.get(service, 1.0)
                rate = self._limits.rate * share
                pace = AdaptiveRateLimiter(rate, self._limits.burst * share if share >= 1 else rate, sleep=self._sleep)
                self._paces[service, region] = pace
            return pace

    def _page_model(self, service: str) -> PaginatorModel | None:
        with self._paging:
            if service not in self._pages:
                try:
                    self._pages[service] = self._session.get_paginator_model(service)
                except botocore.exceptions.UnknownServiceError:
                    self._pages[service] = None
            return self._pages[service]


def _one_host(params: dict[str, Any], **_: Any) -> None:
    """Drop the account from the host name (S3 Control has one for each): an AWS_ENDPOINT_URL server has a single host."""
    url = urlsplit(params["url"])
    account = params["headers"].get("x-amz-account-id", "")
    if account and url.netloc.startswith(f"{account}."):
        params["url"] = urlunsplit(url._replace(netloc=url.netloc.removeprefix(f"{account}.")))


__all__ = ["AwsClient", "Limits", "ReadError", "Tally"]

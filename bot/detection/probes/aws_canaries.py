"""Canaries: one cheap read call to each AWS service that our services depend on, with our own credentials.

They detect what probes from outside cannot: a service that accepts the credentials and then fails. A call changes nothing,
reads no content and requests one item. Most are free; S3, SQS, SNS, KMS, Secrets Manager and CloudWatch charge for requests (USD
0.03 per 10,000 to 0.01 per 1,000): with a single request every 30 s at most USD 0.90 a month per service, region, account and replica.
"""

import asyncio
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    NoCredentialsError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError
from botocore.session import Session

from bot.model import Clock
from bot.model.signals import Health, Signal, Trouble
from bot.net.aws.accounts import Target
from bot.net.aws.errors import ReadError, code_of, denied, read_error, status_of, throttled, transient
from bot.net.aws.iam_actions import iam_action
from bot.net.aws.session import lean_session
from checks import GLOBAL, Scope

AT_ONCE = 8
"""Calls in flight, each in a thread; with more, the threads wait for the interpreter."""
CONNECT_SECONDS, READ_SECONDS = 3.0, 5.0
_REGION = "sts"  # the service that is called in a region if no product is named
_ALWAYS_ALLOWED = frozenset({"sts:GetCallerIdentity"})  # AWS allows it whatever the policy


@dataclass(frozen=True, slots=True)
class CanaryCall:
    """The call for one product: botocore's name of the service, the operation, and its parameters."""

    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """The IAM action that the call needs."""
        return iam_action(self.service, self.operation)


# By product, as named in facts and scopes.
CALLS: Mapping[str, CanaryCall] = {
    "acm": CanaryCall("acm", "ListCertificates", {"MaxItems": 1}),
    "apigateway": CanaryCall("apigateway", "GetRestApis", {"limit": 1}),
    "autoscaling": CanaryCall("autoscaling", "DescribeAutoScalingGroups", {"MaxRecords": 1}),
    "backup": CanaryCall("backup", "ListBackupVaults", {"MaxResults": 1}),
    "cloudformation": CanaryCall("cloudformation", "DescribeStacks"),
    "cloudwatch": CanaryCall("cloudwatch", "DescribeAlarms", {"MaxRecords": 1}),
    "docdb": CanaryCall("docdb", "DescribeDBClusters", {"MaxRecords": 20}),
    "dynamodb": CanaryCall("dynamodb", "ListTables", {"Limit": 1}),
    "ec2": CanaryCall("ec2", "DescribeAvailabilityZones"),
    "ecs": CanaryCall("ecs", "ListClusters", {"maxResults": 1}),
    "efs": CanaryCall("efs", "DescribeFileSystems", {"MaxItems": 1}),
    "eks": CanaryCall("eks", "ListClusters", {"maxResults": 1}),
    "elasticache": CanaryCall("elasticache", "DescribeReplicationGroups", {"MaxRecords": 20}),
    "elasticloadbalancing": CanaryCall("elbv2", "DescribeLoadBalancers", {"PageSize": 1}),
    "kafka": CanaryCall("kafka", "ListClustersV2", {"MaxResults": 1}),
    "kinesis": CanaryCall("kinesis", "ListStreams", {"Limit": 1}),
    "kms": CanaryCall("kms", "ListKeys", {"Limit": 1}),
    "lambda": CanaryCall("lambda", "ListFunctions", {"MaxItems": 1}),
    "mq": CanaryCall("mq", "ListBrokers", {"MaxResults": 5}),
    "neptune": CanaryCall("neptune", "DescribeDBClusters", {"MaxRecords": 20}),
    "opensearch": CanaryCall("opensearch", "ListDomainNames"),
    "rds": CanaryCall("rds", "DescribeDBInstances", {"MaxRecords": 20}),
    "redshift": CanaryCall("redshift", "DescribeClusters", {"MaxRecords": 20}),
    "s3": CanaryCall("s3", "ListBuckets", {"MaxBuckets": 1}),
    "secretsmanager": CanaryCall("secretsmanager", "ListSecrets", {"MaxResults": 1}),
    "sns": CanaryCall("sns", "ListTopics"),
    "sqs": CanaryCall("sqs", "ListQueues", {"MaxResults": 1}),
    "sts": CanaryCall("sts", "GetCallerIdentity"),
}


def canary_actions() -> tuple[str, ...]:
    """Every IAM action that the canaries need, sorted."""
    return tuple(sorted({call.action for call in CALLS.values()} - _ALWAYS_ALLOWED))


@dataclass(frozen=True, slots=True)
class Canary:
    """One call in one account and region. An empty `account` is the account of the credentials."""

    scope: Scope
    account: str = ""

    @property
    def interval(self) -> float:
        """As often as the settings say."""
        return 0.0

    @property
    def call(self) -> CanaryCall:
        """The call that it makes."""
        return CALLS[self.scope.part]

    @property
    def source(self) -> str:
        """What is called; the same from every vantage point."""
        return f"canary:{self.account or 'own'}/{self.scope.region}/{self.call.service}:{self.call.operation}"


def canaries_for(
    places: Iterable[Scope], accounts: Iterable[str] = (), regions: Iterable[str] = ()
) -> tuple[Canary, ...]:
    """Return the canaries for these places, each once per account. Empty `regions` means all regions of the places."""
    wanted = tuple(regions)
    scopes = [
        Scope("aws", place.region, place.part if place.part in CALLS else _REGION)
        for place in places
        if place.provider == "aws" and place.region not in ("", GLOBAL) and (not wanted or place.region in wanted)
    ]
    return tuple(Canary(scope, account) for account in (tuple(accounts) or ("",)) for scope in dict.fromkeys(scopes))


class Canaries:
    """Runs canaries in threads of their own, so that a hanging call blocks nothing else. Close it when done.

    `accounts`: roles to assume in other accounts. `profile`: a profile of AWS's configuration files. `timeouts`: seconds to
    connect, and to read the response.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        accounts: Iterable[Target] = (),
        profile: str = "",
        vantage: str = "",
        timeouts: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
    ) -> None:
        self._clock, self._vantage, self._profile = clock, vantage, profile
        self._targets = {target.id: target for target in accounts}
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="canary")
        self._lock = threading.Lock()
        self._config = Config(
            connect_timeout=timeouts[0],
            read_timeout=timeouts[1],
            max_pool_connections=AT_ONCE,
            retries={"mode": "standard", "total_max_attempts": 1},
            parameter_validation=False,
        )
        self._sessions: dict[str, Session] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}

    async def observe(self, canary: Canary) -> Signal:
        """Make the call. Never raises: if the service's health is unknown, the signal gives the reason."""
        loop = asyncio.get_running_loop()
        state, detail, trouble, seconds = await loop.run_in_executor(self._pool, self._call, canary)
        return Signal(
            provider="aws",
            region=canary.scope.region,
            service=canary.scope.part,
            kind="canary",
            state=state,
            at=self._clock(),
            source=canary.source,
            vantage=self._vantage,
            detail=detail,
            trouble=trouble,
            seconds=seconds if state is Health.GOOD else None,
        )

    def close(self) -> None:
        """Stop without waiting; calls in progress end by their timeouts."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _call(self, canary: Canary) -> tuple[Health, str, Trouble, float]:
        """Make the call: health, reason for people, the same for machines, seconds."""
        call = canary.call
        try:
            client = self._client(canary)
        except (ReadError, BotoCoreError, ClientError, ValueError) as error:
            asked = "sts:AssumeRole" if canary.account else "the credentials"
            why = error if isinstance(error, ReadError) else read_error(error, asked, canary.scope.region)
            return Health.UNKNOWN, f"{call.action} was not called: {why.reason}", Trouble.NONE, 0.0
        began = time.perf_counter()
        try:
            getattr(client, xform_name(call.operation))(**call.params)
        except Exception as error:  # noqa: BLE001 - every failure is the canary's result
            state, detail = health_after_error(error, call.action, canary.scope)
            trouble = _trouble_of(error) if state is Health.BAD else Trouble.NONE
            return state, detail, trouble, time.perf_counter() - began
        return Health.GOOD, "", Trouble.NONE, time.perf_counter() - began

    def _client(self, canary: Canary) -> Any:
        """The client of an account, region and service, with credentials: their failure is not the service's.

        Raises:
            Exception: botocore's, if there are no credentials; ReadError if the account is not in the settings.
        """
        key = (canary.account, canary.scope.region, canary.call.service)
        with self._lock:  # botocore's sessions are not thread-safe while they create clients
            session = self._sessions.get(canary.account)
            if session is None:
                session = self._sessions[canary.account] = self._session(canary.account)
            offered = session.get_available_regions(key[2], partition_name=session.get_partition_for_region(key[1]))
        if offered and key[1] not in offered:
            raise ReadError(canary.call.action, f"AWS does not offer {canary.scope.part} in {key[1]}", "NotOffered")
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        credentials.get_frozen_credentials()
        with self._lock:
            if key not in self._clients:
                self._clients[key] = session.create_client(key[2], region_name=key[1], config=self._config)
            return self._clients[key]

    def _session(self, account: str) -> Session:
        own = self._sessions.get("") or lean_session(self._profile)
        self._sessions[""] = own
        target = self._targets.get(account)
        if target is None or not target.role:
            if account and target is None:
                raise ReadError("sts:AssumeRole", f"account {account} is not in the settings", "NoRole")
            return own
        return _session_of_role(own, target, self._config)


class _RoleCredentials(CredentialProvider):
    """Gives a session the credentials of a role, renewed before they expire."""

    METHOD = "backstay-assume-role"

    def __init__(self, credentials: DeferredRefreshableCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> DeferredRefreshableCredentials:
        return self._credentials


def _session_of_role(own: Session, target: Target, config: Config) -> Session:
    """A session with the role's credentials."""
    home = own.get_config_variable("region") or "us-east-1"
    partition = own.get_partition_for_region(home)
    arn = target.role if target.role.startswith("arn:") else f"arn:{partition}:iam::{target.id}:role/{target.role}"
    more = {"RoleSessionName": "backstay"} | ({"ExternalId": target.external_id} if target.external_id else {})
    source = own.get_credentials()
    if source is None:
        raise NoCredentialsError
    fetcher = AssumeRoleCredentialFetcher(
        lambda service, **words: own.create_client(service, region_name=home, config=config, **words),
        source,
        arn,
        extra_args=more,
    )
    credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
    session = Session()
    session.register_component("data_loader", own.get_component("data_loader"))  # it takes most of a session's memory
    session.register_component("credential_provider", CredentialResolver([_RoleCredentials(credentials)]))
    return session


def _trouble_of(error: Exception) -> Trouble:
    match error:
        case ClientError():
            return Trouble.STATUS
        case ConnectTimeoutError() | ReadTimeoutError():
            return Trouble.TIMEOUT
        case SSLError():
            return Trouble.TLS
        case _:
            return Trouble.CONNECT


def health_after_error(error: Exception, action: str, scope: Scope) -> tuple[Health, str]:
    """The service's health after a failed call, and the reason for people.

    Only failures of the service or of the way to it are bad: its own errors (5xx), no response, a closed connection. A call that
    was denied, throttled or malformed leaves the health unknown.
    """
    reason = read_error(error, action, scope.region).reason
    where = f"{scope.part} in {scope.region}"
    if isinstance(error, ClientError):
        if throttled(error):
            return Health.UNKNOWN, f"{where}: {action} was throttled"
        if not denied(error) and (transient(error) or status_of(error) >= 500):
            return Health.BAD, f"{where}: {action} returned {code_of(error) or 'an error'} (HTTP {status_of(error)})"
        return Health.UNKNOWN, f"{where}: {reason}"
    if isinstance(error, (AwsConnectionError, HTTPClientError)) and not isinstance(
        error, ProxyConnectionError
    ):  # a proxy is on our side
        return Health.BAD, f"{where}: {reason}"
    return Health.UNKNOWN, f"{where}: {reason}"

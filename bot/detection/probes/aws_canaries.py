"""Canaries: one cheap read of each AWS service that something of ours stands on, with our own credentials -> signals.

They see what no look from outside can: a service that lets us in and then fails. A call changes nothing, reads no content and
asks for one item. Most are free; S3, SQS, SNS, KMS, Secrets Manager and CloudWatch charge requests (from 0.03 $ for 10,000 to
0.01 $ for 1,000 by their price lists): at one call in 30 s at most 0.9 $ a month for each of them, region, account and replica.
"""

import asyncio
import threading
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
    HTTPClientError,
    NoCredentialsError,
    ProxyConnectionError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError
from botocore.session import Session

from bot.model import Clock
from bot.model.incidents import Health, Signal
from bot.net.aws.accounts import Target
from bot.net.aws.errors import ReadError, code_of, denied, read_error, status_of, throttled, transient
from bot.net.aws.iam_actions import iam_action
from bot.net.aws.session import lean_session
from checks import GLOBAL, Scope

AT_ONCE = 8
"""Calls in flight, each in a thread: more than this and the answers wait for Python itself."""
CONNECT_SECONDS, READ_SECONDS = 3.0, 5.0
_REGION = "sts"  # what tells of a region where nobody says which of its products is needed
_FREE = frozenset({"sts:GetCallerIdentity"})  # allowed to everybody, whatever a policy says


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of a product: botocore's name of the service, the operation, and its words."""

    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """The IAM action that it needs."""
        return iam_action(self.service, self.operation)


# By product, as facts and scopes call it.
CALLS: Mapping[str, Call] = {
    "acm": Call("acm", "ListCertificates", {"MaxItems": 1}),
    "apigateway": Call("apigateway", "GetRestApis", {"limit": 1}),
    "autoscaling": Call("autoscaling", "DescribeAutoScalingGroups", {"MaxRecords": 1}),
    "backup": Call("backup", "ListBackupVaults", {"MaxResults": 1}),
    "cloudformation": Call("cloudformation", "DescribeStacks"),
    "cloudwatch": Call("cloudwatch", "DescribeAlarms", {"MaxRecords": 1}),
    "docdb": Call("docdb", "DescribeDBClusters", {"MaxRecords": 20}),
    "dynamodb": Call("dynamodb", "ListTables", {"Limit": 1}),
    "ec2": Call("ec2", "DescribeAvailabilityZones"),
    "ecs": Call("ecs", "ListClusters", {"maxResults": 1}),
    "efs": Call("efs", "DescribeFileSystems", {"MaxItems": 1}),
    "eks": Call("eks", "ListClusters", {"maxResults": 1}),
    "elasticache": Call("elasticache", "DescribeReplicationGroups", {"MaxRecords": 20}),
    "elasticloadbalancing": Call("elbv2", "DescribeLoadBalancers", {"PageSize": 1}),
    "kafka": Call("kafka", "ListClustersV2", {"MaxResults": 1}),
    "kinesis": Call("kinesis", "ListStreams", {"Limit": 1}),
    "kms": Call("kms", "ListKeys", {"Limit": 1}),
    "lambda": Call("lambda", "ListFunctions", {"MaxItems": 1}),
    "mq": Call("mq", "ListBrokers", {"MaxResults": 5}),
    "neptune": Call("neptune", "DescribeDBClusters", {"MaxRecords": 20}),
    "opensearch": Call("opensearch", "ListDomainNames"),
    "rds": Call("rds", "DescribeDBInstances", {"MaxRecords": 20}),
    "redshift": Call("redshift", "DescribeClusters", {"MaxRecords": 20}),
    "s3": Call("s3", "ListBuckets", {"MaxBuckets": 1}),
    "secretsmanager": Call("secretsmanager", "ListSecrets", {"MaxResults": 1}),
    "sns": Call("sns", "ListTopics"),
    "sqs": Call("sqs", "ListQueues", {"MaxResults": 1}),
    "sts": Call("sts", "GetCallerIdentity"),
}


def actions() -> tuple[str, ...]:
    """Every IAM action that the canaries need, sorted."""
    return tuple(sorted({call.action for call in CALLS.values()} - _FREE))


@dataclass(frozen=True, slots=True)
class Canary:
    """One call in one account and region. `account` empty: the one that the credentials belong to."""

    scope: Scope
    account: str = ""

    @property
    def call(self) -> Call:
        """What it asks."""
        return CALLS[self.scope.part]

    @property
    def source(self) -> str:
        """What it looks at, the same from every vantage point."""
        return f"canary:{self.account or 'own'}/{self.scope.region}/{self.call.service}:{self.call.operation}"


def canaries(places: Iterable[Scope], accounts: Iterable[str] = (), regions: Iterable[str] = ()) -> tuple[Canary, ...]:
    """The calls for these places; each once for every account. `regions` empty: all that the places name."""
    wanted = tuple(regions)
    scopes = [
        Scope("aws", place.region, place.part if place.part in CALLS else _REGION)
        for place in places
        if place.provider == "aws" and place.region not in ("", GLOBAL) and (not wanted or place.region in wanted)
    ]
    return tuple(Canary(scope, account) for account in (tuple(accounts) or ("",)) for scope in dict.fromkeys(scopes))


class Canaries:
    """Makes the calls, in threads of their own: what hangs there holds up nothing else. Close it in the end.

    `accounts`: how to get into those that are not our own. `profile`: of AWS's configuration files. `timeouts`: seconds to
    connect, and to answer.
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
        self._targets = {one.id: one for one in accounts}
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
        """Make the call. Never raises: what could not be told is UNKNOWN, with the reason."""
        loop = asyncio.get_running_loop()
        state, detail = await loop.run_in_executor(self._pool, self._look, canary)
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
        )

    def close(self) -> None:
        """Wait for nothing: calls that hang end by their time-outs."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look(self, canary: Canary) -> tuple[Health, str]:
        call = canary.call
        try:
            client = self._client(canary)
        except (ReadError, BotoCoreError, ClientError, ValueError) as error:
            asked = "sts:AssumeRole" if canary.account else "the credentials"
            why = error if isinstance(error, ReadError) else read_error(error, asked, canary.scope.region)
            return Health.UNKNOWN, f"not asked: {why.reason}"
        try:
            getattr(client, xform_name(call.operation))(**call.params)
        except Exception as error:  # noqa: BLE001 - whatever went wrong is what we came to see
            return judged(error, call.action, canary.scope)
        return Health.GOOD, ""

    def _client(self, canary: Canary) -> Any:
        """The client of an account, region and service, once credentials are there: their trouble is not the service's.

        Raises:
            Exception: botocore's, where there are no credentials; ReadError where the account is not known.
        """
        key = (canary.account, canary.scope.region, canary.call.service)
        with self._lock:  # botocore makes sessions and clients one at a time
            session = self._sessions.get(canary.account)
            if session is None:
                session = self._sessions[canary.account] = self._session(canary.account)
            offered = session.get_available_regions(key[2], partition_name=session.get_partition_for_region(key[1]))
        if offered and key[1] not in offered:
            raise ReadError(canary.call.action, f"AWS offers no {canary.scope.part} in {key[1]}", "NotOffered")
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
                raise ReadError("sts:AssumeRole", f"no account {account} is in the settings", "NoRole")
            return own
        return _assuming(own, target, self._config)


class _Given(CredentialProvider):
    """Hands a session the credentials of a role, renewed before they run out."""

    METHOD = "backstay-assume-role"

    def __init__(self, given: DeferredRefreshableCredentials) -> None:
        super().__init__()
        self._given = given

    def load(self) -> DeferredRefreshableCredentials:
        return self._given


def _assuming(own: Session, target: Target, config: Config) -> Session:
    """A session in the account of the role."""
    arn = target.role if target.role.startswith("arn:") else f"arn:aws:iam::{target.id}:role/{target.role}"
    more = {"RoleSessionName": "backstay"} | ({"ExternalId": target.external_id} if target.external_id else {})
    source = own.get_credentials()
    if source is None:
        raise NoCredentialsError
    home = own.get_config_variable("region") or "us-east-1"
    fetcher = AssumeRoleCredentialFetcher(
        lambda service, **words: own.create_client(service, region_name=home, config=config, **words),
        source,
        arn,
        extra_args=more,
    )
    given = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
    session = Session()
    session.register_component("data_loader", own.get_component("data_loader"))  # most of what a session weighs
    session.register_component("credential_provider", CredentialResolver([_Given(given)]))
    return session


def judged(error: Exception, action: str, scope: Scope) -> tuple[Health, str]:
    """What a failed call says of the service.

    Bad is only what the service did, or the way to it: an error of its own (5xx), no answer, a broken line. What we may
    not do, asked too often or did not put right tells nothing of it, neither good nor bad.
    """
    reason = read_error(error, action, scope.region).reason
    where = f"{scope.part} in {scope.region}"
    if isinstance(error, ClientError):
        if throttled(error):
            return Health.UNKNOWN, f"{where}: {action} was throttled"
        if not denied(error) and (transient(error) or status_of(error) >= 500):
            return Health.BAD, f"{where}: {action} answers {code_of(error) or 'an error'} (HTTP {status_of(error)})"
        return Health.UNKNOWN, f"{where}: {reason}"
    if isinstance(error, (AwsConnectionError, HTTPClientError)) and not isinstance(
        error, ProxyConnectionError
    ):  # a proxy is ours
        return Health.BAD, f"{where}: {reason}"
    return Health.UNKNOWN, f"{where}: {reason}"

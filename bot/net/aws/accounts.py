"""Chooses the AWS accounts and regions to read, and the credentials for each."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ProfileNotFound, UnknownRegionError

from bot.net.aws.client import AwsClient, Limits, Tally
from bot.net.aws.errors import ReadError
from bot.net.aws.session import lean_session
from bot.net.failures import failure_words

_ALL_ENABLED = [{"Name": "opt-in-status", "Values": ["opt-in-not-required", "opted-in"]}]


class UnusableAwsError(Exception):
    """AWS cannot be read at all. `fix` is an imperative."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Target:
    """An account to read. `role`: name or ARN of the role to assume, empty to use the own credentials."""

    id: str = ""
    role: str = ""
    external_id: str = ""
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountAccess:
    """A session with the own credentials, its client, its account id, its home region and its partition (`aws-us-gov`)."""

    session: botocore.session.Session
    wire: AwsClient
    account: str
    home: str
    partition: str = "aws"


# Where the endpoints of global services and the organization are called; elsewhere they have one endpoint for all regions.
_GLOBAL_HOMES = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-northwest-1"}


def global_home(partition: str, regions: Sequence[str]) -> str:
    """The region whose endpoints serve the global services of a partition; of one that is not listed, its first region."""
    return _GLOBAL_HOMES.get(partition) or next(iter(regions), _GLOBAL_HOMES["aws"])


def enter(
    profile: str, limits: Limits, gate: threading.Semaphore, tally: Tally, regions: Sequence[str] = ()
) -> AccountAccess:
    """Find credentials and the account they belong to.

    `regions`: those to read; a session without a region of its own asks in their partition, for the others refuse its
    credentials.

    Raises:
        UnusableAwsError: there are no credentials, or AWS does not accept them.
    """
    try:
        session = lean_session(profile)
        home = session.get_config_variable("region") or _home_of(session, regions)
        wire = AwsClient(session, limits, gate, tally)
        identity = wire.call("sts", "GetCallerIdentity", home, {})
        account, partition = str(identity["Account"]), _partition(identity.get("Arn", ""), session, home)
    except ProfileNotFound as error:
        names = ", ".join(botocore.session.Session().available_profiles) or "none"
        raise UnusableAwsError(str(error), f"name one of the profiles that exist: {names}") from error
    except BotoCoreError as error:
        raise UnusableAwsError(f"AWS's configuration cannot be used: {failure_words(error)}", _MEND) from error
    except ValueError as error:  # botocore raises it for an invalid endpoint address
        raise UnusableAwsError(f"AWS's configuration cannot be used: {error}", _MEND_ADDRESS) from error
    except ReadError as error:
        fix = _RENEW if error.fatal and error.code != "NoCredentials" else _MEND
        fix = _MEND_ADDRESS if error.code == "Unreachable" else fix
        raise UnusableAwsError(f"AWS cannot be read: {error.reason}", fix) from error
    return AccountAccess(session, wire, account, home, partition)


def _home_of(session: botocore.session.Session, regions: Sequence[str]) -> str:
    """The home region of the partition of these regions; of the usual one where none is named or known."""
    return global_home(_partition("", session, next(iter(regions), _GLOBAL_HOMES["aws"])), ())


def _partition(arn: str, session: botocore.session.Session, region: str) -> str:
    """The partition of the caller's ARN, else that of the region."""
    parts = arn.split(":", 2)
    if len(parts) == 3 and parts[0] == "arn" and parts[1]:
        return parts[1]
    try:
        return str(session.get_partition_for_region(region))
    except UnknownRegionError:
        return "aws"


_MEND = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`"
_MEND_ADDRESS = (
    "check that this machine reaches AWS: network, proxy, AWS_ENDPOINT_URL and endpoint_url in AWS's configuration"
)
_RENEW = "renew the credentials (`aws sso login`, or a new session token) and try again"


def targets(entry: AccountAccess, named: Sequence[Target], role: str, *, organization: bool) -> list[Target]:
    """The accounts to read: the named ones and those of the organization, else the own account.

    Raises:
        ReadError: the organization cannot be listed.
    """
    found = {target.id or entry.account: replace(target, id=target.id or entry.account) for target in named}
    if organization:
        for page in entry.wire.pages("organizations", "ListAccounts", entry.home, {}):
            for row in page["Accounts"]:
                if row.get("State", row.get("Status")) == "ACTIVE":
                    found.setdefault(row["Id"], Target(row["Id"]))
    if not found:
        found[entry.account] = Target(entry.account)
    return [
        target if target.role or target.id == entry.account else replace(target, role=role) for target in found.values()
    ]


def wire_into(entry: AccountAccess, target: Target, limits: Limits, gate: threading.Semaphore) -> AwsClient:
    """The client for one account: the own one, or one with the credentials of the role.

    Raises:
        ReadError: the role cannot be assumed, or none is configured.
    """
    if not target.role:
        if target.id == entry.account:
            return entry.wire
        raise ReadError("sts:AssumeRole", f"no role is configured for account {target.id}", "NoRole")
    named = target.role.startswith("arn:")
    arn = target.role if named else f"arn:{entry.partition}:iam::{target.id}:role/{target.role}"
    asked: dict[str, Any] = {"RoleArn": arn, "RoleSessionName": "backstay"}
    if target.external_id:
        asked["ExternalId"] = target.external_id
    try:
        given = entry.wire.call("sts", "AssumeRole", entry.home, asked)["Credentials"]
    except ReadError as error:
        raise ReadError(error.action, f"the role {arn} cannot be assumed: {error.reason}", error.code) from error
    session = botocore.session.Session()
    for part in ("data_loader", "endpoint_resolver"):  # parsed once and shared: most of the memory of a session
        session.register_component(part, entry.session.get_component(part))
    session.set_credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    return AwsClient(session, limits, gate, entry.wire.tally)


def regions_of(
    wire: AwsClient, target: Target, wished: Sequence[str], home: str
) -> tuple[tuple[str, ...], list[ReadError]]:
    """The regions to read, and an error for each wished region that does not exist."""
    wishes = target.regions or tuple(wished)
    if not wishes:
        return _enabled(wire, home)
    known = wire.regions()
    wrong = [region for region in wishes if region not in known]
    return tuple(region for region in wishes if region in known), [_typo(region, known) for region in wrong]


def _enabled(wire: AwsClient, home: str) -> tuple[tuple[str, ...], list[ReadError]]:
    try:
        rows = wire.call("ec2", "DescribeRegions", home, {"Filters": _ALL_ENABLED})["Regions"]
        return tuple(sorted(row["RegionName"] for row in rows)), []
    except ReadError as error:
        why = f"the enabled regions cannot be listed ({error.reason}); only {home} was read"
        return (home,), [ReadError(error.action, why, error.code)]


def _typo(region: str, known: Sequence[str]) -> ReadError:
    from rapidfuzz import process  # noqa: PLC0415 - loaded for the rare typo only

    nearest = process.extractOne(region, known)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    return ReadError("ec2:DescribeRegions", f"there is no AWS region {region}{hint}", "UnknownRegion")

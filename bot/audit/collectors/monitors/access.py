"""How one monitoring system is reached: its address, how to sign in, and what its operator declares about it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import SecretStr

_NONE = SecretStr("")


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorAccess:
    """One entry of `monitors:` in backstay.yaml, its secrets resolved. `name` is unique among them.

    `url`: base address without a slash at its end. `tenant`: of a system with several (`X-Scope-OrgID` of Mimir). `accounts`:
    ids of accounts within the product. `runs_on`: clouds or scopes that the system itself runs on; empty where not told.
    `service_labels`: labels whose value may be a service's name. `people`: names of receivers that reach a person although
    that cannot be seen (a webhook). `ca_file`: certificate authorities of one's own. `timeout`: of one call.
    `most_queries`: queries of one audit that look for data. `options`: what only one product has.
    `problem`: why it cannot be read at all, such as a secret that is not set.
    """

    kind: str
    name: str
    url: str
    token: SecretStr = _NONE
    user: str = ""
    password: SecretStr = _NONE
    api_key: SecretStr = _NONE
    app_key: SecretStr = _NONE
    tenant: str = ""
    accounts: tuple[str, ...] = ()
    runs_on: tuple[str, ...] = ()
    service_labels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    ca_file: str = ""
    calls_per_second: float = 10.0
    timeout: timedelta = timedelta(seconds=30)
    most_queries: int = 500
    options: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def bearer_or_basic(access: MonitorAccess) -> Mapping[str, str]:
    """Headers that sign in with a bearer token or a password (RFC 6750, RFC 7617), and those that choose a tenant."""
    headers: dict[str, str] = {}
    if token := access.token.get_secret_value():
        headers["authorization"] = f"Bearer {token}"
    elif access.user:
        pair = f"{access.user}:{access.password.get_secret_value()}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    if access.tenant:
        headers["x-scope-orgid"] = access.tenant
    return headers

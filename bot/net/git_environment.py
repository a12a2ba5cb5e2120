"""Where `git` may connect to, and the environment that it runs in: our settings alone, the checked address, the credentials.

Settings: https://git-scm.com/docs/git-config, environment: https://git-scm.com/docs/git, ssh: ssh_config(5).
"""

import base64
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.net.egress import EgressPolicy, NetworkError, Resolve
from bot.net.git_child import GitError
from bot.net.loopback import loopback

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_PORTS = {"https": 443, "http": 80, "ssh": 22}
Pin = tuple[str, int, str]
"""A host, its port, and the address that was checked for it."""

_FIXED = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "core.attributesFile": os.devnull,
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "log.showSignature": "false",
    "protocol.allow": "never",
    "http.followRedirects": "false",
    "http.proxy": "",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "20",
}


@dataclass(frozen=True, slots=True)
class GitAccess:
    """Credentials. `user` and `token` for HTTPS; `key` (an SSH private key) and `known_hosts` (lines of such a file) for SSH."""

    user: str = ""
    token: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    known_hosts: str = field(default="", repr=False)


async def pinned(url: str, policy: EgressPolicy, resolver: Resolve) -> Pin:
    """Host, port and the address to connect to, checked.

    Raises:
        GitError: the URL is none that is fetched from, or the policy does not allow the host.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise GitError("the repository's address is not valid") from None
    plain = parts.scheme == "http" and loopback(url)
    if not (parts.scheme in ("https", "ssh") or plain) or not (_HOST.fullmatch(host) or ":" in host):
        raise GitError("the repository's address must begin with https:// or ssh://")
    if parts.password or (parts.username and not _USER.fullmatch(parts.username)):
        raise GitError("the repository's address must not carry a password; set `token:` of the source")
    try:
        found = await policy.addresses(host, port, private=True, resolver=resolver)
    except NetworkError as error:
        raise GitError(str(error)) from None
    return host, port, found[0]


def hardened(home: Path, config: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child that reads no configuration but ours and asks nothing."""
    settings = {**_FIXED, **config}
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for at, (key, value) in enumerate(settings.items()):
        env |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
    return env


def environment(folder: Path, url: str, access: GitAccess, pin: Pin) -> dict[str, str]:
    """The environment for one repository: connects to the pinned address alone. No credential is in the child's arguments."""
    host, port, address = pin
    scheme = urlsplit(url).scheme
    config = {f"protocol.{scheme}.allow": "always"}
    if scheme != "ssh":
        config["http.curloptResolve"] = f"{host}:{port}:{address}"
        if access.token:
            pair = base64.b64encode(f"{access.user or 'x-access-token'}:{access.token}".encode()).decode()
            config["http.extraHeader"] = f"Authorization: Basic {pair}"
        return hardened(folder, config)
    return hardened(folder, config) | {"GIT_SSH_COMMAND": _ssh(folder, access, pin), "GIT_SSH_VARIANT": "ssh"}


def _ssh(folder: Path, access: GitAccess, pin: Pin) -> str:
    """The ssh that git starts: our options alone, a known host key required, nothing asked, nothing forwarded."""
    host, port, address = pin
    alias = host if port == _PORTS["ssh"] else f"[{host}]:{port}"
    for name, text in (("known_hosts", access.known_hosts), ("key", access.key)):
        file = folder / name
        file.touch(0o600)
        file.write_text(text if text.endswith("\n") else f"{text}\n")
    options = [
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        f"UserKnownHostsFile={folder / 'known_hosts'}",
        f"GlobalKnownHostsFile={os.devnull}",
        f"HostKeyAlias={alias}",
        f"HostName={address}",
        "IdentitiesOnly=yes",
        f"IdentityFile={folder / 'key'}",
        "IdentityAgent=none",
        "ForwardAgent=no",
        "ClearAllForwardings=yes",
        "PermitLocalCommand=no",
        "ProxyCommand=none",
        "ConnectTimeout=10",
    ]
    return shlex.join(["ssh", "-F", os.devnull, *(part for option in options for part in ("-o", option))])

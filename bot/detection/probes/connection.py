"""Opens a connection step by step (lookup, TCP, TLS) and says which step failed, at which address."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from bot.detection.probes.lookup import SystemLookup, is_literal
from bot.detection.probes.networks import is_no_place, is_this_machine
from bot.detection.probes.probe import Probe
from bot.model.signals import Trouble

P = TypeVar("P", bound=asyncio.BaseProtocol)
_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
_LINGER = 1.0
"""Seconds in which the other side may answer the end of TLS."""


class Step(StrEnum):
    """How far an attempt came."""

    LOOKUP = "lookup"
    CONNECT = "connect"
    TLS = "tls"
    ANSWER = "answer"


class WrongAddressError(Exception):
    """DNS led to an address at which the host cannot be; nothing was sent there."""


class NoIpv6Error(Exception):
    """The host has no IPv6 address."""


class IncompleteAnswerError(Exception):
    """The connection ended before a whole HTTP answer came."""


_NO_ANSWER = "connection closed without a valid HTTP response"
_WHY: Sequence[tuple[type[Exception] | tuple[type[Exception], ...], Trouble, str]] = (
    (WrongAddressError, Trouble.ADDRESS, "DNS leads to an address at which the host cannot be"),
    (ssl.SSLCertVerificationError, Trouble.CERTIFICATE, "TLS certificate is not valid"),
    (ssl.SSLError, Trouble.TLS, "TLS handshake failed"),
    ((socket.gaierror, UnicodeError), Trouble.DNS, "DNS lookup failed"),
    (ConnectionRefusedError, Trouble.CONNECT, "connection refused"),
    (IncompleteAnswerError, Trouble.CONNECT, _NO_ANSWER),
)
_BY_STEP = {
    Step.LOOKUP: (Trouble.DNS, "DNS lookup failed"),
    Step.CONNECT: (Trouble.CONNECT, "connection failed"),
    Step.TLS: (Trouble.TLS, "connection closed during the TLS handshake"),
    Step.ANSWER: (Trouble.CONNECT, _NO_ANSWER),
}


@dataclass(slots=True)
class AttemptProgress:
    """What is known of an attempt while it runs.

    `address`: where it connects to; `avoid`: where the attempt before it did. `reads_certificate`: whether to read the end of the
    certificate, which takes longer than the rest of a small answer.
    """

    avoid: str = ""
    reads_certificate: bool = True
    step: Step = Step.LOOKUP
    address: str = ""


async def connect(
    probe: Probe, lookup: SystemLookup, tls: ssl.SSLContext | None, progress: AttemptProgress, protocol: Callable[[], P]
) -> tuple[asyncio.Transport, P]:
    """Connect to one address of the host; where the machine has no route to it, to the next one.

    Raises:
        WrongAddressError, NoIpv6Error: there is nowhere to connect to.
        OSError, ssl.SSLError: the step in `progress` failed.
    """
    found = await lookup.addresses(probe.host, control=probe.control)
    if probe.family:
        found = tuple(address for address in found if ":" in address)
        if not found:
            raise NoIpv6Error
    candidates = _in_order(found, progress.avoid)
    progress.step, progress.address = Step.CONNECT, candidates[0]
    if not is_literal(probe.host) and (is_no_place(candidates[0]) or (probe.public and is_this_machine(candidates[0]))):
        raise WrongAddressError
    opened = await _tcp(candidates, probe.port, progress)
    loop = asyncio.get_running_loop()
    more: dict[str, Any] = {}
    if tls is not None:
        progress.step = Step.TLS
        more = {"ssl": tls, "server_hostname": probe.host, "ssl_shutdown_timeout": _LINGER}
    try:
        transport, made = await loop.create_connection(protocol, sock=opened, **more)
    except BaseException:
        opened.close()
        raise
    progress.step = Step.ANSWER
    return transport, made


def _in_order(addresses: Sequence[str], avoid: str) -> Sequence[str]:
    """The addresses, with the one that the attempt before used last: so one dead address of several is not the whole host."""
    return sorted(addresses, key=lambda address: address == avoid) if avoid else addresses


async def _tcp(addresses: Sequence[str], port: int, progress: AttemptProgress) -> socket.socket:
    loop = asyncio.get_running_loop()
    failure: OSError = OSError(errno.ENETUNREACH, "no address")
    for address in addresses:
        progress.address = address
        opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        opened.setblocking(False)
        try:
            await loop.sock_connect(opened, (address, port))
        except OSError as error:
            opened.close()
            failure = error
            if error.errno not in _NO_ROUTE:
                break
        except BaseException:
            opened.close()
            raise
        else:
            return opened
    raise failure


def why(error: Exception, step: Step, timeout: float) -> tuple[Trouble, str]:
    """What failed, and how to say it."""
    if isinstance(error, TimeoutError):
        return _late(step, timeout)
    for kinds, trouble, detail in _WHY:
        if isinstance(error, kinds):
            return trouble, detail
    return _BY_STEP[step] if isinstance(error, OSError) else (Trouble.CONNECT, "probe failed with an internal error")


def _late(step: Step, timeout: float) -> tuple[Trouble, str]:
    match step:
        case Step.LOOKUP:
            return Trouble.DNS, f"no DNS response of the system's resolver within {timeout:g} s"
        case Step.CONNECT:
            return Trouble.TIMEOUT, f"no connection within {timeout:g} s"
        case Step.TLS:
            return Trouble.TIMEOUT, f"TLS handshake not finished within {timeout:g} s"
        case Step.ANSWER:
            return Trouble.TIMEOUT, f"no response within {timeout:g} s"

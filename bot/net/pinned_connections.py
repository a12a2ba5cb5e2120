"""Opens TCP connections to the very address that the egress policy checked, while TLS and HTTP still use the host's name."""

from collections.abc import Iterable

import httpcore
from httpcore import SOCKET_OPTION, AsyncNetworkStream

from bot.net.egress import EgressPolicy, Resolve

MOST_ADDRESSES = 3


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Looks up each host once per connection, checks its addresses, and connects to one of those.

    Args:
        policy: where connections may go.
        private: whether private addresses are allowed, whatever the policy says.
        resolver: looks up names.
    """

    def __init__(self, policy: EgressPolicy, *, private: bool, resolver: Resolve) -> None:
        self._policy, self._private, self._resolver = policy, private, resolver
        self._tcp = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to the first of at most three addresses that takes the connection; `timeout` in seconds for each.

        Raises:
            NetworkError: the host is not allowed, or has no address.
            httpcore.ConnectError, httpcore.ConnectTimeout: none of its addresses can be reached.
        """
        addresses = await self._policy.addresses(host, port, private=self._private, resolver=self._resolver)
        failure: Exception = httpcore.ConnectError()
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._tcp.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait, as httpcore asks between its own attempts."""
        await self._tcp.sleep(seconds)

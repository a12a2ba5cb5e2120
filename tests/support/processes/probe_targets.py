"""What probes are measured against, in a process of its own so that its work is not counted: DNS, a web server, TLS.

    python -m support.processes.probe_targets CERTIFICATE_FILE

Prints the ports as JSON and serves until its input ends.
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path

import trustme
from aiohttp import web
from support.fakes.dns import FakeDns
from support.harness.loopback import serving


async def serve(trust: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(trust))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=403, text="denied")

    def app() -> web.Application:
        made = web.Application()
        made.router.add_get("/", answer)
        return made

    async with FakeDns().running() as dns, serving(app()) as plain, serving(app(), tls) as secure:
        ports = {"dns": dns.resolver.port, "http": _port(plain), "tls": _port(secure)}
        sys.stdout.write(json.dumps(ports) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))

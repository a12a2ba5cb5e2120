"""The yardstick: boto3 on 16 threads that sends the very calls of an audit, all at once, and does nothing with the answers.

python tests/bench/bare_boto3.py CALLS: a JSON list of [service, region, method, parameters], as `bench_audit.py --record` writes
it. It is a hard yardstick: it need not list before it asks for what the list holds. Prints seconds, calls, the highest resident
memory in MiB and CPU seconds as JSON. Environment: AWS_ENDPOINT_URL, credentials.
"""

import json
import resource
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config


class Bare:
    """One session, one client for each service and region, 16 threads, standard retries."""

    def __init__(self) -> None:
        self.calls = 0
        self.session = boto3.Session()
        retries: Any = {"mode": "standard"}  # three attempts, as in an audit
        self.config = Config(max_pool_connections=16, retries=retries, inject_host_prefix=False)
        self.clients: dict[tuple[str, str], Any] = {}
        self.lock = threading.Lock()

    def client(self, service: str, region: str) -> Any:
        """Built once; creating clients is not safe in parallel."""
        with self.lock:
            if (service, region) not in self.clients:
                made: Any = self.session.client(service, region_name=region, config=self.config)  # type: ignore[call-overload]
                self.clients[service, region] = made
            return self.clients[service, region]

    def call(self, row: tuple[str, str, str, dict[str, Any]]) -> None:
        """One call, whatever AWS answers."""
        service, region, method, parameters = row
        with self.lock:
            self.calls += 1
        try:
            getattr(self.client(service, region), method)(**parameters)
        except Exception:  # noqa: BLE001 - a bare fetch does not care why
            return


def main() -> None:
    """Send them all and tell."""
    began = time.perf_counter()
    bare = Bare()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(bare.call, json.loads(Path(sys.argv[1]).read_text())))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "seconds": time.perf_counter() - began,
        "calls": bare.calls,
        "mib": usage.ru_maxrss / 1024,
        "cpu": usage.ru_utime + usage.ru_stime,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()

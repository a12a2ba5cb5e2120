"""A whole audit against bare boto3 that sends the same calls, 50 ms away: wall time, calls, memory; and under a throttle.

python tests/bench/bench_audit.py SEED_SCRIPT: seeds moto by running SEED_SCRIPT (AWS_ENDPOINT_URL leads it there), then
prints a line for each figure with its goal. Without a script it seeds some hundred resources of its own. The audit is
`AwsCollector.collect`, then every check over the facts and the score; memory is that of both processes together. Bare boto3
has no order to keep: it sends what `--record FILE` wrote, a list before or after what it lists.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from botocore import xform_name

HERE = Path(__file__).parent
REGIONS = "us-east-1,us-west-2,eu-west-1,ap-southeast-2"
LATENCY_MS, GRANTED = 50, 10
RUNS = 3


class Took(NamedTuple):
    """One run: seconds, calls, MiB of all its processes."""

    seconds: float
    calls: int
    mib: float


def main() -> None:
    """Start moto and the proxy, seed, measure."""
    with serving([f"{Path(sys.executable).parent}/moto_server", "-H", "127.0.0.1", "-p", "15999"]):
        seed("http://127.0.0.1:15999")
        with serving([sys.executable, str(HERE / "aws_proxy.py"), "http://127.0.0.1:15999"]) as proxy:
            url = (proxy.stdout.readline() if proxy.stdout else b"").decode().strip()
            os.environ["AWS_ENDPOINT_URL"] = url
            with tempfile.TemporaryDirectory() as folder:
                calls = Path(folder, "calls.json")
                reset(url, 0, 0)
                subprocess.run([sys.executable, __file__, "--record", str(calls)], check=True)  # noqa: S603
                audit()  # fills the proxy's memory: moto itself is no part of the measurement
                compare(url, calls)
            throttle(url)


def compare(url: str, calls: Path) -> None:
    """Bare boto3 and the audit by turns; the better half of each counts, for the machine has other things to do."""
    rows: list[tuple[Took, Took]] = []
    stats: dict[str, Any] = {}
    for _ in range(RUNS):
        reset(url, LATENCY_MS, 0)
        plain = bare(calls)
        reset(url, LATENCY_MS, 0)
        rows.append((plain, audit()))
        stats = fetch(f"{url}/__stats")
    yardstick, ours = (min((row[side] for row in rows), key=lambda took: took.seconds) for side in (0, 1))
    say("bare boto3, 16 threads", f"{yardstick.seconds:.1f} s, {yardstick.calls} calls, {yardstick.mib:.0f} MiB")
    say("audit, start to scorecard", f"{ours.seconds:.1f} s, {stats['calls']} calls, {ours.mib:.0f} MiB")
    say("wall time, ratio", f"{ours.seconds / yardstick.seconds:.2f}", "at most 1.1")
    say("calls sent twice though answered", str(len(stats["twice"])), "0")
    say("memory of all processes, MiB", f"{ours.mib:.0f}", "at most 250")


def throttle(url: str) -> None:
    """The floor: the busiest service and region's calls at the granted rate, less the first second's burst."""
    reset(url, LATENCY_MS, GRANTED)
    ours = audit()
    stats = fetch(f"{url}/__stats")
    floor = max(stats["most"] - GRANTED, 1) / GRANTED
    say(f"throttled to {GRANTED} calls/s", f"{ours.seconds:.1f} s, {stats['throttled']} refused, floor {floor:.1f} s")
    say("throttled, ratio to the floor", f"{ours.seconds / floor:.2f}", "at most 1.2")


def bare(calls: Path) -> Took:
    """The yardstick, in a process of its own."""
    began = time.perf_counter()
    out = subprocess.run([sys.executable, str(HERE / "bare_boto3.py"), str(calls)], check=True, capture_output=True)  # noqa: S603
    told = json.loads(out.stdout)
    return Took(time.perf_counter() - began, told["calls"], told["mib"])


def audit() -> Took:
    """The audit, in a process of its own which starts the one that reads."""
    began = time.perf_counter()
    out = subprocess.run([sys.executable, __file__, "--audit"], check=True, capture_output=True)  # noqa: S603
    seconds = time.perf_counter() - began
    calls, mib = json.loads(out.stdout)
    return Took(seconds, calls, mib)


async def audit_once() -> None:
    """What `--audit` does: read, attribute, judge, score."""
    import resource  # noqa: PLC0415 - this process is the one measured

    from bot.audit.attribution import attribute, services_from_resources  # noqa: PLC0415
    from bot.audit.collectors.aws.collector import AwsCollector, AwsSettings  # noqa: PLC0415
    from checks import evaluate, score  # noqa: PLC0415

    run = await AwsCollector(AwsSettings(regions=tuple(REGIONS.split(",")))).collect((), lambda _: None)
    entries, _ = services_from_resources(run.facts)
    now = run.facts[0].observed_at
    seen = attribute(entries, run.facts, run.gaps)
    card = score(evaluate(seen, now=now), services=[seen_service.service for seen_service in seen], now=now)
    assert card.services
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    mib = sum(resource.getrusage(who).ru_maxrss for who in both) / 1024
    sys.stdout.write(json.dumps([run.calls, mib]))


def record(path: Path) -> None:
    """What `--record` does: read the account in this process, and write down each call that boto3 can send again."""
    import botocore.client  # noqa: PLC0415 - only here

    from bot.audit.collectors.aws.places import CollectRequest  # noqa: PLC0415
    from bot.audit.collectors.aws.run import collect  # noqa: PLC0415
    from bot.audit.collectors.engine.needs import needed_kinds  # noqa: PLC0415

    calls: dict[str, None] = {}  # a call that failed for a moment is sent again, and counts once
    base: Any = botocore.client.BaseClient
    send = base._make_api_call  # noqa: SLF001 - botocore has no other place that sees every call with its parameters

    def recorded(self: Any, operation: str, parameters: dict[str, Any]) -> Any:
        model = self.meta.service_model
        call = (model.service_name, self.meta.region_name, xform_name(operation), parameters)
        calls[json.dumps(call, default=str)] = None
        return send(self, operation, parameters)

    base._make_api_call = recorded  # noqa: SLF001 - as above
    kinds = frozenset(kind.__name__ for kind in needed_kinds())
    collect(CollectRequest(kinds, regions=tuple(REGIONS.split(","))), lambda _: None)
    path.write_text(f"[{','.join(calls)}]")


def seed(url: str) -> None:
    """Run the given script, else make an estate of our own."""
    if len(sys.argv) > 1:
        env = os.environ | {"AWS_ENDPOINT_URL": url}
        subprocess.run([sys.executable, sys.argv[1]], check=True, env=env, capture_output=True)  # noqa: S603
        return
    import botocore.session  # noqa: PLC0415

    session = botocore.session.get_session()
    key = {"AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"}
    for region in REGIONS.split(","):
        clients: dict[str, Any] = {
            name: session.create_client(name, region_name=region, endpoint_url=url)
            for name in ("dynamodb", "s3", "sqs", "sns")
        }
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        for number in range(30):
            schema = [{"AttributeName": "k", "KeyType": "HASH"}]
            clients["dynamodb"].create_table(TableName=f"table-{number}", KeySchema=schema, **key)
            clients["s3"].create_bucket(Bucket=f"bucket-{region}-{number}", **place)
            clients["sqs"].create_queue(QueueName=f"queue-{number}")
            clients["sns"].create_topic(Name=f"topic-{number}")


@contextlib.contextmanager
def serving(command: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A server for as long as the block runs."""
    env = os.environ | {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        if "moto_server" in command[0]:
            wait_for("http://127.0.0.1:15999/moto-api/")
        yield process
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str) -> None:
    """Until the server answers."""
    for _ in range(200):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url).close()  # noqa: S310 - loopback
            return
        time.sleep(0.1)
    raise TimeoutError(url)


def reset(url: str, latency_ms: int, rate: int) -> None:
    """Start a count anew."""
    fetch(f"{url}/__reset?latency_ms={latency_ms}&rate={rate}")


def fetch(url: str) -> dict[str, Any]:
    """JSON from the proxy."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - loopback
        told: dict[str, Any] = json.load(answer)
    return told


def say(what: str, value: str, goal: str = "") -> None:
    """A line for a figure."""
    sys.stdout.write(f"{what:36} {value:44} {goal and 'goal: ' + goal}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "testing")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "testing")
    if sys.argv[1:] == ["--audit"]:
        asyncio.run(audit_once())
    elif sys.argv[1:2] == ["--record"]:
        record(Path(sys.argv[2]))
    else:
        main()

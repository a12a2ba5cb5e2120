"""Time from process start until `backstay audit --plan` has answered, and the facts of a large plan.

    python tests/bench/bench_terraform.py [runs] [resources]

The goal for a plan of 400 KB is 1.0 s on a machine with nothing else to do. The plan is made here: databases, tables, buckets with
versioning, and alarms, by default 400 KB of them; then 10,000 resources in one process.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.audit.collectors.terraform.collect import facts_of_plan
from bot.audit.collectors.terraform.files import read_plan_file

ROOT = Path(__file__).parents[2]
GOAL, KILOBYTES, RESOURCES = 1.0, 400, 10_000


def rows(number: int) -> list[tuple[str, dict[str, Any]]]:
    """A database, its alarm, a bucket and its versioning."""
    database: dict[str, Any] = {
        "identifier": f"db-{number}",
        "engine": "postgres",
        "multi_az": False,
        "backup_retention_period": 7,
    }
    alarm: dict[str, Any] = {
        "alarm_name": f"cpu-{number}",
        "metric_name": "CPUUtilization",
        "dimensions": {"DBInstanceIdentifier": f"db-{number}"},
    }
    bucket: dict[str, Any] = {"bucket": f"docs-{number}", "id": f"docs-{number}"}
    versions: dict[str, Any] = {"bucket": f"docs-{number}", "versioning_configuration": [{"status": "Enabled"}]}
    tags: dict[str, Any] = {"tags_all": {"service": f"service-{number % 10}"}}
    return [
        (f"aws_db_instance.db[{number}]", database | tags),
        (f"aws_cloudwatch_metric_alarm.cpu[{number}]", alarm | tags),
        (f"aws_s3_bucket.docs[{number}]", bucket | tags),
        (f"aws_s3_bucket_versioning.docs[{number}]", versions),
    ]


def plan(resources: int) -> str:
    """A plan that creates this many resources and leaves as many unchanged."""
    changes = []
    for number in range(resources // 4):
        for address, values in rows(number):
            kind, name = address.partition("[")[0].split(".")
            before = values if number % 2 else None
            named = {"address": address, "mode": "managed", "type": kind, "name": name, "index": number}
            change = {
                "actions": ["no-op" if before else "create"],
                "before": before,
                "after": values,
                "after_unknown": {"arn": True},
            }
            changes.append({**named, "provider_name": "registry.terraform.io/hashicorp/aws", "change": change})
    providers = {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}}}
    body = {"format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": changes, "planned_values": {}}
    return json.dumps({**body, "configuration": {"provider_config": providers, "root_module": {}}})


def answered(file: Path) -> tuple[float, float]:
    """Seconds of wall time and of processor time of one run."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    words = [sys.executable, "-m", "bot", "--quiet", "audit", "--plan", str(file)]
    subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the median, the fastest and the slowest run, and what reading a large plan costs."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    resources = int(sys.argv[2]) if len(sys.argv) > 2 else RESOURCES
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plan.json")
        count = KILOBYTES * 1000 // (len(plan(40)) // 40)
        file.write_text(plan(count), encoding="utf-8")
        answered(file)  # the first one may still write byte code
        took = [answered(file) for _ in range(runs)]
        for name, values in (("wall", [wall for wall, _ in took]), ("processor", [used for _, used in took])):
            shown = f"{statistics.median(values):.2f} s, {min(values):.2f} to {max(values):.2f} s (goal {GOAL} s)"
            print(f"{file.stat().st_size // 1000} KB, {count} resources, {name}: {shown}")  # noqa: T201
        file.write_text(plan(resources), encoding="utf-8")
        began = time.perf_counter()
        found = facts_of_plan(read_plan_file(str(file)), datetime.now(UTC))
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        seconds = time.perf_counter() - began
        print(f"{resources:,} resources: {len(found.after.facts):,} facts in {seconds:.2f} s, at most {used} MiB")  # noqa: T201


if __name__ == "__main__":
    main()

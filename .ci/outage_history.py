# ruff: noqa: INP001 - a script of its own, part of no package
"""Makes bot/catalogue/outage_history.tsv from recorded incidents of public status pages.

Usage: python .ci/outage_history.py FOLDER > bot/catalogue/outage_history.tsv

FOLDER has incidents-YEAR.tsv (started_at, provider, category, severity, minutes, status, title) and SOURCES.tsv (file,
repository, commit, path, note). Counted are outages of severity major or critical, as the provider itself rated them:
incidents that overlap are one outage, none counts for more than 24 h (some pages leave one open for weeks), and those without
an end are left out. Observed is the time from the first whole month of the record to the end of its last year.
"""

import csv
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

SINCE = datetime(2023, 8, 1, tzinfo=UTC)
"""The record begins within July 2023."""
LONGEST = timedelta(hours=24)
OURS = {"atlassian": "confluence", "elastic": "elastic-cloud", "grafana": "grafana-cloud", "mongodb": "mongodb-atlas"}
"""Names of the record that backstay.yaml calls otherwise."""
Outage = tuple[datetime, datetime]


def rows_of(folder: Path) -> list[dict[str, str]]:
    """Every incident of the folder."""
    found: list[dict[str, str]] = []
    for file in sorted(folder.glob("incidents-*.tsv")):
        with file.open(encoding="utf-8", newline="") as text:
            found += csv.DictReader(text, delimiter="\t")
    return found


def merged(outages: list[Outage]) -> list[Outage]:
    """Outages without those that overlap."""
    found: list[Outage] = []
    for begins, ends in sorted(outages):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def counted(outages: list[Outage]) -> tuple[str, str]:
    """How many there are, and their hours."""
    whole = merged(outages)
    return str(len(whole)), f"{sum((ends - begins).total_seconds() for begins, ends in whole) / 3600:.2f}"


def main(folder: Path) -> None:
    """Write the table."""
    rows = rows_of(folder)
    year = max(datetime.fromisoformat(row["started_at"]).year for row in rows)
    until = datetime(year + 1, 1, 1, tzinfo=UTC)
    outages: dict[str, dict[str, list[Outage]]] = defaultdict(lambda: {"critical": [], "major": []})
    classes = {}
    for row in rows:
        begins = datetime.fromisoformat(row["started_at"])
        name = OURS.get(row["provider"], row["provider"])
        classes[name] = row["category"]
        of_provider = outages[name]
        if not SINCE <= begins < until or not row["minutes"] or row["severity"] not in ("critical", "major"):
            continue
        outage = begins, begins + min(timedelta(minutes=float(row["minutes"])), LONGEST)
        of_provider["major"].append(outage)
        if row["severity"] == "critical":
            of_provider["critical"].append(outage)
    with (folder / "SOURCES.tsv").open(encoding="utf-8", newline="") as text:
        source = next(csv.DictReader(text, delimiter="\t"))
    out = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    sys.stdout.write(f"# github.com/{source['repository']} at {source['commit']}, {source['path']}\n")
    sys.stdout.write(
        "# Made by .ci/outage_history.py, which says what is counted. Hours: of the outages counted beside them.\n"
    )
    out.writerow(("provider", "class", "from", "to", "critical", "critical_hours", "major_or_critical", "hours"))
    for name in sorted(outages):
        of_provider = outages[name]
        window = f"{SINCE:%Y-%m-%d}", f"{until:%Y-%m-%d}"
        out.writerow((name, classes[name], *window, *counted(of_provider["critical"]), *counted(of_provider["major"])))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

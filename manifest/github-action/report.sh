#!/usr/bin/env bash
# Writes the Markdown report to the job's summary, and SARIF to the file SARIF.
set -euo pipefail
. "$(dirname "$0")/words.sh"
report="$RUNNER_TEMP/backstay.md"
backstay --quiet audit "${WORDS[@]}" --format markdown --output "$report"
cat "$report" >> "$GITHUB_STEP_SUMMARY"
[ -z "${SARIF:-}" ] || backstay --quiet audit "${WORDS[@]}" --format sarif --output "$SARIF"

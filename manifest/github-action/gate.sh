#!/usr/bin/env bash
# Fails the job where the plan adds a finding of the severity FAIL_ON_NEW or above, or leaves a score below FAIL_UNDER.
set -euo pipefail
. "$(dirname "$0")/words.sh"
[ -z "${FAIL_ON_NEW:-}" ] || WORDS+=(--fail-on-new "$FAIL_ON_NEW")
[ -z "${FAIL_UNDER:-}" ] || WORDS+=(--fail-under "$FAIL_UNDER")
exec backstay --quiet audit "${WORDS[@]}"

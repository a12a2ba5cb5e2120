#!/usr/bin/env bash
# Writes the report as one comment on the pull request. A later run finds it by its first line and writes over it.
set -euo pipefail
report="$RUNNER_TEMP/backstay.md"
mark="<!-- backstay-plan -->"
comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
old=$(gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$mark\")) | .id" | head -n 1)
if [ -n "$old" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$old" -F "body=@$report" > /dev/null
else
  gh api --method POST "$comments" -F "body=@$report" > /dev/null
fi

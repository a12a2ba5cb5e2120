# Sets WORDS, the words of `backstay audit` for the inputs PLAN, MANIFESTS (one path a line), CONFIG and REGION.
WORDS=()
[ -z "${PLAN:-}" ] || WORDS+=(--plan "$PLAN")
[ -z "${CONFIG:-}" ] || WORDS+=(--config "$CONFIG")
[ -z "${REGION:-}" ] || WORDS+=(--regions "$REGION")
while IFS= read -r manifest; do
  [ -z "$manifest" ] || WORDS+=(--manifests "$manifest")
done <<< "${MANIFESTS:-}"
if [ "${#WORDS[@]}" -eq 0 ]; then
  echo "::error::backstay: set the input plan or manifests" >&2
  exit 2
fi

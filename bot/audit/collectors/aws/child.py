"""The child process that reads AWS: an order as JSON on stdin, frames as JSON lines on stdout, then it is gone."""

import gc
import json
import sys
import threading
from typing import Any

from bot.audit.collectors.aws.run import CollectRequest, audit
from bot.net.aws.accounts import Target, UnusableAwsError
from bot.net.aws.client import Limits


def main() -> None:
    """Read the order, run it, say how it ended."""
    # Service descriptions are a million objects that live until the end: looking through them for garbage again and
    # again took a tenth of the whole audit.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    told = json.load(sys.stdin)
    order = CollectRequest(
        kinds=frozenset(told["kinds"]),
        profile=told["profile"],
        regions=tuple(told["regions"]),
        accounts=tuple(Target(**account | {"regions": tuple(account["regions"])}) for account in told["accounts"]),
        organization=told["organization"],
        role=told["role"],
        limits=Limits(**told["limits"]),
        only=None if told["only"] is None else frozenset((s, a, r) for s, a, r in told["only"]),
        pick=None if told["pick"] is None else tuple(told["pick"]),
    )
    lock, out = threading.Lock(), sys.stdout.buffer

    def emit(frame: dict[str, Any]) -> None:
        line = json.dumps(frame, separators=(",", ":")).encode() + b"\n"
        with lock:
            out.write(line)
            out.flush()

    try:
        audit(order, emit)
    except UnusableAwsError as error:
        emit({"t": "unusable", "problem": str(error), "mend": error.mend})


if __name__ == "__main__":
    main()

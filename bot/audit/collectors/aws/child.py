"""The child process that reads AWS: takes a request as JSON on stdin, writes frames as JSON lines on stdout, and exits."""

import gc
import json
import sys
import threading
from typing import Any

from bot.audit.collectors.aws.run import CollectRequest, collect
from bot.net.aws.accounts import Target, UnusableAwsError
from bot.net.aws.client import Limits


def main() -> None:
    """Read the request from stdin, run it, and report how it ended."""
    # botocore's service models are a million objects that live until the end; repeated garbage collection of them took
    # a tenth of the whole audit.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    body = json.load(sys.stdin)
    request = CollectRequest(
        kinds=frozenset(body["kinds"]),
        profile=body["profile"],
        regions=tuple(body["regions"]),
        accounts=tuple(Target(**account | {"regions": tuple(account["regions"])}) for account in body["accounts"]),
        organization=body["organization"],
        role=body["role"],
        limits=Limits(**body["limits"]),
        only=None if body["only"] is None else frozenset((s, a, r) for s, a, r in body["only"]),
        pick=None if body["pick"] is None else tuple(body["pick"]),
    )
    lock, out = threading.Lock(), sys.stdout.buffer

    def emit(frame: dict[str, Any]) -> None:
        line = json.dumps(frame, separators=(",", ":")).encode() + b"\n"
        with lock:
            out.write(line)
            out.flush()

    try:
        collect(request, emit)
    except UnusableAwsError as error:
        emit({"t": "unusable", "problem": str(error), "fix": error.fix})


if __name__ == "__main__":
    main()

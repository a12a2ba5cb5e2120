"""The child process that reads AWS: takes a request as JSON on stdin, writes frames as JSON lines on stdout, and exits."""

import gc
import json
import sys
from collections.abc import Mapping
from typing import Any

from bot.audit.collectors.aws.places import CollectRequest
from bot.audit.collectors.aws.run import collect
from bot.audit.collectors.engine.frames import frames_to_stdout
from bot.net.aws.accounts import Target, UnusableAwsError
from bot.net.aws.client import Limits


def main() -> None:
    """Read the request from stdin, run it, and report how it ended."""
    # botocore's service models are a million objects that live until the end; repeated garbage collection of them took
    # a tenth of the whole audit.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    request = request_of(json.load(sys.stdin))
    emit = frames_to_stdout()
    try:
        collect(request, emit)
    except UnusableAwsError as error:
        emit({"t": "unusable", "problem": str(error), "fix": error.fix})


def request_of(body: Mapping[str, Any]) -> CollectRequest:
    """The request that a parent process sends as JSON (`AwsCollector`)."""
    return CollectRequest(
        kinds=frozenset(body["kinds"]),
        profile=body["profile"],
        regions=tuple(body["regions"]),
        regions_are_all=body["regions_are_all"],
        accounts=tuple(Target(**account | {"regions": tuple(account["regions"])}) for account in body["accounts"]),
        organization=body["organization"],
        role=body["role"],
        limits=Limits(**body["limits"]),
        only=None if body["only"] is None else frozenset((s, a, r) for s, a, r in body["only"]),
        pick=None if body["pick"] is None else tuple(body["pick"]),
    )


if __name__ == "__main__":
    main()

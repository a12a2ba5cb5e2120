"""The child process that tries the calls of an audit on a sample. It ends in time: threads that still wait end with it."""

import json
import os
import sys
import time

from bot.audit.collectors.aws.child import request_of
from bot.audit.collectors.aws.trial import try_calls
from bot.audit.collectors.engine.frames import frames_to_stdout
from bot.net.aws.accounts import UnusableAwsError


def main() -> None:
    """Read the request and the end (seconds since 1970) from stdin, run the trial, and report how it ended."""
    body = json.load(sys.stdin)
    emit = frames_to_stdout()
    try:
        try_calls(request_of(body), body["until"] - time.time(), emit)
    except UnusableAwsError as error:
        emit({"t": "unusable", "problem": str(error), "fix": error.fix})
    sys.stdout.flush()
    os._exit(0)  # the interpreter would wait for calls that hang


if __name__ == "__main__":
    main()

"""The child process that reads Google Cloud: takes a request as JSON on stdin, and writes frames as JSON lines on stdout."""

import gc

from bot.audit.collectors.engine.program import run_program
from bot.audit.collectors.gcp.run import read_parents

if __name__ == "__main__":
    gc.disable()  # it lives for one run, and all that it reads lives as long: looking for garbage takes a fifth of its time
    run_program(read_parents)

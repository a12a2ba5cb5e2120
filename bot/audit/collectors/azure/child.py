"""The child process that reads Azure: takes a request as JSON on stdin, and writes frames as JSON lines on stdout."""

from bot.audit.collectors.azure.run import read_subscriptions
from bot.audit.collectors.engine.program import run_program

if __name__ == "__main__":
    run_program(read_subscriptions)

"""The child process that reads clusters: takes a request as JSON on stdin, and writes frames as JSON lines on stdout."""

from bot.audit.collectors.engine.program import run_program
from bot.audit.collectors.kubernetes.run import read_clusters

if __name__ == "__main__":
    run_program(read_clusters)

"""Configures logging: one line for each event on standard error, as JSON unless a terminal reads it, without local variables."""

import logging
import os
import sys

import structlog


def configure(*, level: int = logging.INFO) -> None:
    """Configure backstay's log, and the libraries' from warnings on: below that, they print requests with their tokens.

    Tracebacks leave out the values of variables, which may be tokens.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    terminal = sys.stderr.isatty()
    ending: list[structlog.typing.Processor] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=not os.environ.get("NO_COLOR"), exception_formatter=structlog.dev.plain_traceback
            )
        ]
        if terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *ending,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )

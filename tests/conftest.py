"""What every test may ask for."""

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings
from support.harness import postgres

# A change is judged by the same examples each time; runs elsewhere look further, and what they find becomes a test.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")
# As in `bot.app.logging_setup`: a traceback with the values of all variables takes seconds to draw.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what came out as what is expected")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of the tests' own: `postgresql://...`. Laptops may lack one, CI never."""
    programs = postgres.programs()
    if programs is None:
        assert os.environ.get("CI") != "true", "CI must have PostgreSQL"
        pytest.skip("no PostgreSQL server on this machine (apt-get install postgresql): replicas are NOT tested")
    with postgres.running(programs) as url:
        yield url


@pytest.fixture
def database(postgresql: str) -> str:
    """An empty database of this one test."""
    return postgres.new_database(postgresql)

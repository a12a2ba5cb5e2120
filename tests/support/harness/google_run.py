"""Runs the collector of Google Cloud against a fake on loopback, and keeps what it emits."""

from pathlib import Path
from typing import Any

from support.fakes.google_cloud import FakeGoogle, google_cloud, service_account

from bot.audit.collectors.gcp.asset import AssetIndex
from bot.audit.collectors.gcp.collector import GcpSettings
from bot.audit.collectors.gcp.gaps import not_read
from bot.audit.collectors.gcp.run import read_parents
from bot.audit.facts_codec import unpack
from checks import Fact, Gap


class GoogleRun:
    """What a run has emitted. `failed`: the gaps of calls and fields, without those of kinds that are never read."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.gaps: list[Gap] = []
        self.places: list[list[str]] = []
        self.end: dict[str, Any] = {}

    def emit(self, frame: dict[str, Any]) -> None:
        """Take a frame."""
        if frame["t"] == "end":
            self.end = frame
        elif frame["t"] == "part":
            facts, gaps, _ = unpack(frame)
            self.facts += facts
            self.gaps += gaps
            self.places += [frame["place"]] if frame["place"] else []

    @property
    def failed(self) -> list[Gap]:
        """The gaps of calls and fields."""
        known = {gap.reason for gap in not_read(AssetIndex(), ("shop",))}
        return [gap for gap in self.gaps if gap.reason not in known]


async def read_google(
    fake: FakeGoogle, folder: Path, *parents: str, only: list[list[str]] | None = None, credentials_file: str = ""
) -> GoogleRun:
    """Read parents (else `projects/shop`) with the key of a service account, or with these credentials."""
    run = GoogleRun()
    async with google_cloud(fake) as url:
        settings = GcpSettings(
            parents=parents or ("projects/shop",),
            credentials_file=credentials_file or service_account(folder / "account.json", url),
            api_url=url,
            private=True,
            calls_per_second=10_000,
        )
        await read_parents(settings.model_dump(mode="json") | {"only": only}, run.emit)
    return run

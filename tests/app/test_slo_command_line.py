"""`backstay slo`: the objectives of a catalogue now, as text and as JSON; what cannot be read decides with --strict."""

import json
from pathlib import Path

from support.fakes.metrics import TOKEN, Prometheus
from support.harness.command_line import CommandLine, command_line
from support.harness.loopback import serving
from support.samples.objectives import FILE


def catalogue(backstay: CommandLine, url: str) -> None:
    backstay.write(FILE, "slos.yaml")
    backstay.write(
        f"services: [{{name: checkout, slos: [slos.yaml]}}]\nmonitors: [{{kind: prometheus, url: '{url}', token: env:PROM}}]\n"
    )


async def test_it_reads_the_objectives_of_the_catalogue(tmp_path: Path) -> None:
    fake = Prometheus(share=lambda seconds: 0.12 if seconds <= 6 * 3600 else 0.0005)
    async with serving(fake.app()) as url:
        backstay = command_line(tmp_path, url)
        catalogue(backstay, url)
        shown = await backstay.run("slo", PROM=TOKEN)
        assert "Error budgets: 1 of 1 burn too fast" in shown.out
        assert "120x, gone in 3 h" in shown.out
        found = await backstay.run("slo", "checkout", "--format", "json", "--strict", PROM=TOKEN)
        (objective,) = json.loads(found.out)["objectives"]
        assert (objective["burn_rate"], objective["budget_lasts_seconds"]) == (120, 6 * 3600)
        unread = await backstay.run("slo", "--strict", PROM="wrong")
        assert unread.code == 3
        assert "does not accept the credentials" in unread.out

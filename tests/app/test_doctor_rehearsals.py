"""What `backstay doctor` says about products of rehearsals and hooks of CI."""

import time
from pathlib import Path

from support.fakes.rehearsal_products import GREMLIN_KEY, RehearsalProducts, gremlin_test

from bot.app.cli.doctor_rehearsals import rehearsal_lines
from bot.app.settings import load

YAML = """
services: [{{name: checkout, tier: 1, resources: {{tags: {{a: b}}}}}}]
rehearsals:
  gremlin: {{key: env:KEY, team_id: t, url: "{url}/v1", private: true}}
  hooks: [{{name: ci, secret: env:SHORT}}, {{name: nightly, token: env:KEY}}]
"""


async def _lines(folder: Path, server: RehearsalProducts) -> list[tuple[str, str, str]]:
    async with server.running() as url:
        (folder / "backstay.yaml").write_text(YAML.format(url=url))
        settings = load(folder / "backstay.yaml", {"KEY": GREMLIN_KEY, "SHORT": "short"})
        lines = await rehearsal_lines(settings, time.monotonic() + 60)
    return [(line.state, line.about, line.detail) for line in lines]


async def test_a_product_that_answers_and_hooks_with_their_keys(tmp_path: Path) -> None:
    services = [{"serviceId": "s-1", "name": "Checkout"}]
    server = RehearsalProducts(services=services, tests=[gremlin_test(1, "Passed", "2026-11-01T10:00:00Z")])
    assert await _lines(tmp_path, server) == [
        ("ok", "Gremlin", "1 run of services of the catalogue, the newest on 2026-11-01"),
        ("problem", "rehearsal hook ci", "secret is shorter than 16 characters and can be guessed"),
        ("ok", "rehearsal hook nightly", "token is set"),
        ("warning", "rehearsal hooks", "web.public_url is not set; check that CI can reach this server"),
    ]


async def test_a_product_that_refuses_says_what_to_grant(tmp_path: Path) -> None:
    lines = await _lines(tmp_path, RehearsalProducts(faults=[403]))
    assert [detail for _, about, detail in lines if about == "Gremlin"] == [
        "access denied to SERVICES_READ",
        "needs an API key of a team member whose role has the privilege SERVICES_READ and no other",
    ]

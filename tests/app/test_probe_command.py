"""`backstay probe`: one round of what would be watched, as an operator runs it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from support.fakes.dns import FakeDns, Manner
from support.harness.command_line import CommandLine, Ran, command_line
from support.harness.loopback import closed_port, serving

YAML = """
watch: {{resolvers: [{resolvers}], controls: []}}
services:
  - {{name: checkout, tier: 1, depends_on: [login]}}
  - {{name: login, tier: 1}}
endpoints:
  - {{url: "{url}/health", about: checkout, status: [200], headers: {{Authorization: env:SHOP_TOKEN}}}}
  - {{url: "dns://login.example", about: login}}
"""


@asynccontextmanager
async def installed(folder: Path, manner: Manner = "address") -> AsyncIterator[CommandLine]:
    async def health(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.headers.get("Authorization") == "Bearer s3cret" else 401)

    app = web.Application()
    app.router.add_get("/health", health)
    async with serving(app) as url, FakeDns(manner).running() as dns:
        line = command_line(folder, "http://127.0.0.1:1")
        line.write(YAML.format(url=url, resolvers=dns.resolver.name))
        yield line


async def probe(line: CommandLine, *words: str, header: str = "Bearer s3cret") -> Ran:
    return await line.run("probe", *words, SHOP_TOKEN=header)


async def test_all_is_well(tmp_path: Path) -> None:
    async with installed(tmp_path) as line:
        ran = await probe(line)
    assert ran.code == 0, ran.err
    assert "2 good, 0 bad, 0 unknown; 2 probes in" in ran.out
    assert "s3cret" not in ran.out + ran.err


async def test_a_blank_answer_of_dns_is_bad(tmp_path: Path) -> None:
    async with installed(tmp_path, "empty") as line:
        ran = await probe(line)
    assert ran.code == 1
    first = ran.out.splitlines()[0]
    assert first.startswith("BAD  login")
    assert "DNS returned no address (NOERROR, empty answer)" in first


async def test_one_service_as_json(tmp_path: Path) -> None:
    async with installed(tmp_path) as line:
        ran = await probe(line, "checkout", "--format", "json", header="wrong")
    assert ran.code == 1
    (one,) = json.loads(ran.out)["results"]
    assert (one["about"], one["state"], one["control"]) == ("checkout", "bad", False)
    assert one["detail"] == "127.0.0.1/health: HTTP 401"


async def test_what_would_be_looked_at_is_listed_without_looking(tmp_path: Path) -> None:
    async with installed(tmp_path) as line:
        ran = await probe(line, "aws/us-east-1/dynamodb", "--list", "--canaries")
    assert ran.code == 0, ran.err
    assert "http:dynamodb.us-east-1.amazonaws.com:443/" in ran.out
    assert "canary:own/us-east-1/dynamodb:ListTables" in ran.out
    assert ran.out.endswith("2 probes and 1 AWS calls a round\n")


async def test_the_list_says_what_is_expected_how_often_and_where_it_comes_from(tmp_path: Path) -> None:
    async with installed(tmp_path) as line:
        ran = await probe(line, "stripe", "checkout", "--list")
        rows = json.loads((await probe(line, "stripe", "checkout", "--list", "--format", "json")).out)["looks"]
    assert ran.code == 0, ran.err
    listed = ran.out.splitlines()
    assert any("/health: HTTP 200, every 30 s; settings" in row for row in listed)
    assert any("http:api.stripe.com:443/" in row and row.endswith("every 60 s; providers.yaml") for row in listed)
    assert any("dns:stripe.com/SOA" in row and "SOA record" in row for row in listed)
    (own,) = (row for row in rows if row["from"] == "settings")
    assert (own["about"], own["expects"], own["seconds"]) == ("checkout", "HTTP 200", 30)
    assert {row["part"] for row in rows if row["about"] == "stripe"} >= {"API"}


async def test_mistakes_end_with_2(tmp_path: Path) -> None:
    async with installed(tmp_path) as line:
        typo = await probe(line, "chekout")
        shape = await probe(line, "aws//x")
        unset = await line.run("probe")
    assert (typo.code, shape.code, unset.code) == (2, 2, 2)
    assert "did you mean 'checkout'?" in typo.err
    assert "is not a scope" in shape.err
    assert "variable SHOP_TOKEN is not set" in unset.err


async def test_nobody_answers(tmp_path: Path) -> None:
    line = command_line(tmp_path, "http://127.0.0.1:1")
    line.write(YAML.format(url=f"http://127.0.0.1:{closed_port()}", resolvers=f"127.0.0.1:{closed_port()}"))
    ran = await probe(line)
    assert ran.code == 1
    assert "connection refused" in ran.out
    assert "no DNS response within 3 s" in ran.out

"""`backstay probe`: one round of the probes that `serve` runs, so that anybody sees what is probed and that it works."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, as_json, clear_errors, fail, run, writable, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.app.wiring.probes import ProbeRunner
    from bot.catalogue.scope_names import ScopeNames
    from bot.detection.probes.aws_canaries import Canary
    from bot.detection.probes.canaries.http_canary import HttpCanary
    from bot.detection.probes.probe import Probe
    from bot.detection.probes.targets import OwnEndpoint
    from bot.model.signals import Signal
    from checks import Scope

SCHEMA = "backstay.probe/1"
_MARKS = {"good": "ok", "bad": "BAD", "degraded": "WARN", "unknown": "?"}


def probe(
    scopes: Annotated[
        list[str] | None,
        typer.Argument(
            help="aws/us-east-1, stripe, a service ...; else everything that your services depend on.",
            show_default=False,
        ),
    ] = None,
    canaries: Annotated[
        bool | None,
        typer.Option("--canaries/--no-canaries", help="Call AWS with your credentials; else as watch.canaries says."),
    ] = None,
    dry: Annotated[bool, typer.Option("--list", help="Only list what would be probed; send nothing.")] = False,
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """Probe once the endpoints that your services depend on, and your own endpoints.

    Exit code: 0 no probe failed, 1 at least one failed, 2 bad usage or settings.
    """
    writable(output)
    with clear_errors():
        settings = options.settings(config)
        if canaries is not None:
            called = settings.watch.canaries.model_copy(update={"enabled": canaries})
            settings = replace(settings, watch=settings.watch.model_copy(update={"canaries": called}))
        runner, probes, calls = run(_targets(settings, scopes or []))
        if not probes and not calls:
            fail(*_nothing(settings, scopes or []))
        if dry:
            return write(_listed(probes, calls, form, settings.watch.interval.total_seconds()), output)
        began = time.monotonic()
        signals = run(runner.once(probes, calls))
        took = time.monotonic() - began
        write(_json(signals) if form is Format.JSON else _text(signals, took), output)
    if any(signal.state.value == "bad" and not signal.control for signal in signals):
        raise typer.Exit(BELOW)
    return None


async def _targets(
    settings: "Settings", named: Sequence[str]
) -> "tuple[ProbeRunner, tuple[Probe, ...], tuple[Canary | HttpCanary, ...]]":
    """What to probe: everything that the services depend on, or what the named scopes and services do."""
    from bot.app.wiring.audit import open_audit_service
    from bot.app.wiring.incidents import IncidentStack
    from bot.app.wiring.probes import ProbeRunner
    from bot.catalogue.scope_names import ScopeNames
    from bot.incidents.engine import places
    from bot.model import utc_now
    from checks import Scope

    async with open_audit_service(settings) as audits:
        estate = await IncidentStack(settings, audits, utc_now).estate()
    runner = ProbeRunner(settings, utc_now)
    if not named:
        found_in = runner.scopes_of(estate)
        return runner, runner.probes(found_in), (*runner.canaries(found_in), *runner.synthetics)
    facts = [fact for seen in estate.seen for fact in seen.facts if not fact.shared]
    names = ScopeNames.of(facts, settings.catalogue.services, settings.catalogue.providers)
    wanted: list[Scope] = []
    own: list[OwnEndpoint] = []
    for name in named:
        services = [seen for seen in estate.seen if seen.service.name == name]
        found = places(services) if services else (_scope(name, names),)
        wanted += found
        own += [
            endpoint
            for endpoint in runner.own
            if endpoint.scope == Scope(name.lower()) or any(scope.covers(endpoint.scope) for scope in found)
        ]
    calls = [call for call in runner.synthetics if any(scope.covers(call.scope) for scope in wanted)]
    return runner, runner.probes(wanted, own), (*runner.canaries(wanted), *calls)


def _scope(name: str, names: "ScopeNames") -> "Scope":
    from bot.catalogue.scope_names import UnknownScopeError
    from checks import Scope

    try:
        return names.find(name)
    except UnknownScopeError:
        pass
    try:
        return Scope.parse(name)  # an endpoint of our own may be about anything
    except ValueError as error:
        fail(str(error))


def _nothing(settings: "Settings", named: Sequence[str]) -> tuple[str, str]:
    from bot.catalogue import did_you_mean

    if not named:
        problem = "nothing to probe: no service depends on anything with a known endpoint"
        return problem, "Declare dependencies (depends_on:) or endpoints of your own (endpoints:)"
    known = [service.name for service in settings.catalogue.services] + list(settings.catalogue.providers)
    hints = "".join(did_you_mean(name, known) for name in named)
    return f"no endpoint of {', '.join(named)} is known{hints}", "Declare endpoints of your own under endpoints:"


def _listed(probes: "Sequence[Probe]", calls: "Sequence[Canary | HttpCanary]", form: Format, interval: float) -> str:
    rows: list[dict[str, object]] = [
        {
            "about": str(target.scope),
            "part": target.part,
            "looks_at": target.source,
            "through": target.resolver.name if target.resolver else "",
            "expects": _expected(target),
            "seconds": max(interval, target.interval),
            "from": target.origin,
            "control": target.control,
        }
        for target in probes
    ]
    rows += [
        {"about": str(call.scope), "looks_at": call.source, "through": "", "from": "settings", "control": False}
        for call in calls
    ]
    if form is Format.JSON:
        return as_json({"schema": SCHEMA, "looks": rows})
    lines = [_line(row) for row in rows]
    return "\n".join((*lines, f"{len(probes)} probes and {len(calls)} AWS calls a round"))


def _line(row: "Mapping[str, object]") -> str:
    about = f"{row['about']} ({row['part']})" if row.get("part") else str(row["about"])
    through = f" through {row['through']}" if row["through"] else ""
    every = f": {row['expects']}, every {row['seconds']:g} s" if "expects" in row else ""
    return f"{about:40} {row['looks_at']}{through}{every}; {row['from']}"


def _expected(target: "Probe") -> str:
    """What counts as good, for people."""
    if target.kind == "dns":
        return f"{target.asks} record" if target.asks else "an address"
    wanted = {"tcp": "a connection", "tls": "a TLS handshake", "http": "any answer below HTTP 500"}[target.kind]
    expect = target.expect
    if expect.status:
        wanted = f"HTTP {' or '.join(map(str, sorted(expect.status)))}"
    wanted += f" with {expect.body!r}" if expect.body else ""
    return wanted + (f" within {expect.latency:g} s" if expect.latency is not None else "")


def _json(signals: "Sequence[Signal]") -> str:
    rows = [
        {
            "about": str(signal.scope),
            "looks_at": signal.source,
            "through": signal.via,
            "state": signal.state.value,
            "detail": signal.detail,
            "at": signal.at.isoformat().replace("+00:00", "Z"),
            "control": signal.control,
        }
        for signal in signals
    ]
    return as_json({"schema": SCHEMA, "results": rows})


def _text(signals: "Sequence[Signal]", took: float) -> str:
    """The failed first, then the unknown, then the good; one line a probe."""
    order = [*list(_MARKS)[1:], "good"]
    ordered = sorted(
        signals, key=lambda signal: (signal.control, order.index(signal.state.value), str(signal.scope), signal.source)
    )
    lines = [
        f"{_MARKS[signal.state.value]:4} {'control group' if signal.control else str(signal.scope):34} {signal.source}"
        + (f" through {signal.via}" if signal.via else "")
        + (f": {signal.detail}" if signal.detail else "")
        for signal in ordered
    ]
    counts = {state: sum(signal.state.value == state for signal in signals) for state in _MARKS}
    degraded = f"{counts['degraded']} degraded, " if counts["degraded"] else ""
    total = f"{counts['good']} good, {degraded}{counts['bad']} bad, {counts['unknown']} unknown; "
    total += f"{len(signals)} probes in {took:.1f} s"
    control = [signal for signal in signals if signal.control]
    if control and all(signal.state.value == "bad" for signal in control):
        total += "\nThe whole control group fails: the problem is probably this machine's own network"
    return "\n".join((*lines, total))

"""Experiments of Litmus and Chaos Mesh as rehearsals: which prove something, when they were, and of which workload."""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.harness.kubernetes_view import made_of

from checks import Rehearsal, RehearsalResult

PASSED, FAILED, NOTHING = RehearsalResult.SUCCEEDED, RehearsalResult.FAILED, RehearsalResult.INCONCLUSIVE
CREATED, ENDED = "2026-06-01T08:00:00Z", "2026-11-20T09:30:00Z"
WEB = "prod/shop/Deployment/web"
DEPLOYMENTS: list[dict[str, Any]] = [
    {
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"replicas": 2, "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": []}}},
    }
    for name in ("web", "worker")
]


def _result(verdict: str, phase: str = "Completed", engine: str = "lose-pods") -> dict[str, Any]:
    return {
        "metadata": {"name": "lose-pods-pod-delete", "namespace": "shop", "creationTimestamp": CREATED},
        "spec": {"engine": engine, "experiment": "pod-delete"},
        "status": {
            "experimentStatus": {"phase": phase, "verdict": verdict, "probeSuccessPercentage": "100"},
            "history": {"passedRuns": 1, "failedRuns": 0, "stoppedRuns": 0},
        },
    }


def _engine(**spec: Any) -> dict[str, Any]:
    app = {"appinfo": {"appns": "shop", "applabel": "app=web", "appkind": "deployment"}}
    done = {"name": "pod-delete", "status": "Completed", "verdict": "Pass", "lastUpdateTime": ENDED}
    return {
        "metadata": {"name": "lose-pods", "namespace": "shop"},
        "spec": {"engineState": "active", **(spec or app)},
        "status": {"engineStatus": "completed", "experiments": [done]},
    }


def _rehearsals(**objects: Any) -> list[Rehearsal]:
    made = made_of(Deployment=DEPLOYMENTS, **objects)
    return [fact for fact in made.facts if isinstance(fact, Rehearsal)]


@pytest.mark.parametrize(
    ("verdict", "phase", "result"),
    [
        ("Pass", "Completed", PASSED),
        ("Fail", "Completed", FAILED),
        ("Stopped", "Stopped", NOTHING),
        ("Error", "Error", NOTHING),
    ],
)
def test_litmus_by_verdict(verdict: str, phase: str, result: RehearsalResult) -> None:
    (run,) = _rehearsals(ChaosResult=[_result(verdict, phase)], ChaosEngine=[_engine()])
    assert (run.name, run.result, run.about) == ("pod-delete", result, (WEB,))


def test_the_time_of_a_litmus_run_is_its_engine_s_and_else_the_oldest_it_can_be() -> None:
    (run,) = _rehearsals(ChaosResult=[_result("Pass")], ChaosEngine=[_engine()])
    assert run.at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    (orphan,) = _rehearsals(ChaosResult=[_result("Pass")])
    assert (orphan.at, orphan.about) == (datetime(2026, 6, 1, 8, tzinfo=UTC), ())


@pytest.mark.parametrize(("verdict", "phase"), [("Awaited", "Running"), ("", ""), ("Pass", "Running")])
def test_a_litmus_run_that_has_not_ended_is_none(verdict: str, phase: str) -> None:
    assert not _rehearsals(ChaosResult=[_result(verdict, phase)], ChaosEngine=[_engine()])


def test_litmus_finds_workloads_by_name_and_never_takes_all_of_a_namespace() -> None:
    named = _engine(selectors={"workloads": [{"kind": "deployment", "namespace": "shop", "names": "worker, gone"}]})
    (run,) = _rehearsals(ChaosResult=[_result("Pass")], ChaosEngine=[named])
    assert run.about == ("prod/shop/Deployment/worker",)
    unnamed = _engine(selectors={"workloads": [{"kind": "deployment", "namespace": "shop"}]})
    (run,) = _rehearsals(ChaosResult=[_result("Pass")], ChaosEngine=[unnamed])
    assert run.about == ()


def _chaos(status: dict[str, Any], **spec: Any) -> dict[str, Any]:
    selector = {"namespaces": ["shop"], "labelSelectors": {"app": "web"}}
    return {
        "metadata": {"name": "kill-web", "namespace": "chaos", "creationTimestamp": CREATED},
        "spec": {"mode": "one", "selector": selector, **spec},
        "status": status,
    }


def _conditions(**states: bool) -> list[dict[str, str]]:
    return [{"type": name, "status": str(state)} for name, state in states.items()]


def _record(injected: int = 1, recovered: int = 1) -> dict[str, Any]:
    events = [
        {"type": "Succeeded", "operation": "Apply", "timestamp": "2026-11-20T09:20:00Z"},
        {"type": "Succeeded", "operation": "Recover", "timestamp": ENDED},
    ]
    return {
        "id": "shop/web-1",
        "phase": "Not Injected",
        "injectedCount": injected,
        "recoveredCount": recovered,
        "events": events,
    }


ALL = {"Selected": True, "AllInjected": False, "AllRecovered": True, "Paused": False}


@pytest.mark.parametrize(
    ("status", "spec", "expected"),
    [
        ({"conditions": _conditions(**ALL), "experiment": {"containerRecords": [_record()]}}, {}, PASSED),
        ({"conditions": _conditions(**ALL), "experiment": {"containerRecords": []}}, {}, None),
        ({"conditions": _conditions(**ALL), "experiment": {"containerRecords": [_record(0, 0)]}}, {}, NOTHING),
        (
            {
                "conditions": _conditions(**ALL | {"Paused": True}),
                "experiment": {"containerRecords": [_record()]},
            },
            {},
            NOTHING,
        ),
        (
            {
                "conditions": _conditions(Selected=True, AllInjected=True, AllRecovered=False),
                "experiment": {"containerRecords": [_record(1, 0)]},
            },
            {},
            None,
        ),
        (
            {
                "conditions": _conditions(Selected=True, AllInjected=True, AllRecovered=False),
                "experiment": {"containerRecords": [_record(1, 0)]},
            },
            {"action": "pod-kill"},
            PASSED,
        ),
        ({"experiment": {"phase": "Finished", "endTime": ENDED, "podRecords": [{"name": "web-1"}]}}, {}, PASSED),
        ({"experiment": {"phase": "Finished", "endTime": ENDED}}, {}, NOTHING),
        ({"experiment": {"phase": "Failed", "startTime": ENDED}}, {}, NOTHING),
        ({"experiment": {"phase": "Running", "startTime": ENDED}}, {}, None),
        ({}, {}, None),
    ],
)
def test_chaos_mesh_by_what_it_did(
    status: dict[str, Any], spec: dict[str, Any], expected: RehearsalResult | None
) -> None:
    found = _rehearsals(PodChaos=[_chaos(status, **spec)])
    assert [run.result for run in found] == ([] if expected is None else [expected])
    if found:
        assert (found[0].at, found[0].about) == (datetime(2026, 11, 20, 9, 30, tzinfo=UTC), (WEB,))


def test_a_chaos_of_an_odd_form_costs_no_other() -> None:
    odd = _chaos({"conditions": "broken"}) | {"metadata": {"name": "odd", "namespace": "chaos"}}
    good = _chaos({"conditions": _conditions(**ALL), "experiment": {"containerRecords": [_record()]}})
    made = made_of(Deployment=DEPLOYMENTS, NetworkChaos=[odd, good])
    assert [fact.result for fact in made.facts if isinstance(fact, Rehearsal)] == [PASSED]
    assert any("conditions" in gap.reason and Rehearsal in gap.kinds for gap in made.gaps)

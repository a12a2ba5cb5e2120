"""Two services of the next generation Resilience Hub, with all that it tells of each."""

from datetime import timedelta

from support.builders.aws_sources import arn
from support.builders.moment import NOW
from support.fakes.aws_script import Answer, Operation
from support.samples.aws_pair import Row, both, of

DAY = timedelta(days=1)


def hub_service(name: str) -> Row:
    reached = {"multiAzRtoRpo": "ACHIEVABLE", "dataRecoveryTimeBetweenBackups": "NOT_ACHIEVABLE"}
    return {"serviceArn": hub(name), "name": name, "assessmentStatus": "SUCCESS", "achievability": reached}


def hub(name: str) -> str:
    return arn("resiliencehub", f"service/{name}")


def hub_resources(name: str) -> Row:
    own = {"identifier": arn("ecs", f"service/prod/{name}"), "awsRegion": "us-east-1"}
    return {"serviceResources": [{"resourceIdentifier": own["identifier"], "resource": own}]}


def hub_assessments(name: str) -> Row:
    own = {"assessmentId": f"0-{name}", "serviceArn": hub(name), "assessmentStatus": "SUCCESS", "endedAt": NOW - DAY}
    return {"assessmentSummaries": [{**own, "achievability": {"multiAzRtoRpo": "ACHIEVABLE"}}]}


def hub_tests(name: str) -> Row:
    own = {"testId": f"t-{name}", "testTemplateArn": arn("resiliencehub", f"test-template/az-{name}")}
    counts = {"totalTestRuns": 2, "successfulTestRuns": 1, "creationTime": NOW - 9 * DAY}
    return {"tests": [{**own, "serviceArn": hub(name), **counts}]}


def hub_runs(name: str) -> Row:
    own = {"testTemplateArn": arn("resiliencehub", f"test-template/az-{name}"), "startedAt": NOW - DAY}
    return {"testRuns": [{**own, "testRunId": f"r-{name}", "status": "PASSED", "endedAt": NOW - DAY}]}


def hub_edges(name: str) -> Row:
    ends = {"sourceResourceIdentifier": arn("ecs", f"service/prod/{name}"), "destinationResourceIdentifier": name}
    return {"serviceTopologyEdgeSummaries": [{**ends, "properties": [{"topologyType": "DATA_FLOW"}]}]}


def hub_dependencies(name: str) -> Row:
    times = {"startTime": NOW - DAY, "endTime": NOW, "granularity": "DAILY", "dataPoints": []}
    own = {
        "dependencyId": f"d-{name}",
        "serviceArn": hub(name),
        "dependencyName": "Pay",
        "dnsName": f"{name}.pay.example",
    }
    place = {"location": "us-east-1", "lastDetectedTime": NOW, "sourceRegions": ["us-east-1"], "queryRange": times}
    return {"dependencySummaries": [{**own, **place, "criticality": "HARD"}]}


RESILIENCE: dict[Operation, Answer] = {
    ("resiliencehubv2", "ListServices"): {"serviceSummaries": both(hub_service)},
    ("resiliencehubv2", "ListResources"): of("serviceArn", hub_resources),
    ("resiliencehubv2", "ListFailureModeAssessments"): of("serviceArn", hub_assessments),
    ("resiliencehubv2", "ListTests"): of("serviceArn", hub_tests),
    ("resiliencehubv2", "ListTestRuns"): of("serviceArn", hub_runs),
    ("resiliencehubv2", "ListServiceTopologyEdges"): of("serviceArn", hub_edges),
    ("resiliencehubv2", "ListDependencies"): of("serviceArn", hub_dependencies),
}

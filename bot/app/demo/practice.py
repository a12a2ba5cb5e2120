"""AWS responses about operations: DNS and its failover, alarms, pipelines, stacks, secrets and rehearsals."""

from typing import Any

from bot.app.demo.region import ACCOUNT, Region


def topic(at: Region, name: str, *, subscribed: bool) -> str:
    """An SNS topic, with a subscriber or without one."""
    arn = at.arn("sns", name)
    at.listed("sns", "ListTopics", "Topics", {"TopicArn": arn})
    if subscribed:
        row = {"SubscriptionArn": f"{arn}:6b0e71bd", "Owner": ACCOUNT, "Protocol": "https", "TopicArn": arn}
        at.listed("sns", "ListSubscriptions", "Subscriptions", row | {"Endpoint": "https://events.pager.example/acme"})
    return arn


def alarm(at: Region, metric: str, *, to: str, **dimensions: str) -> None:
    """A CloudWatch alarm (`AWS/RDS/CPUUtilization`) on one resource; it notifies the topic `to`, or none."""
    namespace, _, name = metric.rpartition("/")
    alarm_name = f"{name} {' '.join(dimensions.values())}"
    row = {
        "AlarmName": alarm_name,
        "AlarmArn": at.arn("cloudwatch", f"alarm:{alarm_name}"),
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "ActionsEnabled": True,
        "AlarmActions": [to] if to else [],
        "StateValue": "OK",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Statistic": "Sum",
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    at.listed("cloudwatch", "DescribeAlarms", "MetricAlarms", row)


def hosted_zone(home: Region, zone: str, records: list[dict[str, Any]], *, checks: dict[str, str]) -> None:
    """A hosted zone with its records and health checks (id -> probed host)."""
    key = "Z" + zone.upper().replace(".", "")
    servers = [f"ns-{number}.awsdns-{number}.org" for number in (11, 22, 33, 44)]
    row = {"Id": f"/hostedzone/{key}", "Name": f"{zone}.", "CallerReference": zone, "Config": {"PrivateZone": False}}
    home.listed("route53", "ListHostedZones", "HostedZones", row | {"ResourceRecordSetCount": len(records)})
    home.detail("route53", "GetHostedZone", key, {"HostedZone": row, "DelegationSet": {"NameServers": servers}})
    name_servers = {
        "Name": f"{zone}.",
        "Type": "NS",
        "TTL": 172800,
        "ResourceRecords": [{"Value": server} for server in servers],
    }
    listed = {"ResourceRecordSets": [name_servers, *records], "IsTruncated": False, "MaxItems": "300"}
    home.detail("route53", "ListResourceRecordSets", key, listed)
    for check, host in checks.items():
        config = {
            "Type": "HTTPS",
            "FullyQualifiedDomainName": host,
            "Port": 443,
            "ResourcePath": "/ready",
            "RequestInterval": 10,
            "FailureThreshold": 3,
        }
        health_check = {"Id": check, "CallerReference": check, "HealthCheckVersion": 1, "HealthCheckConfig": config}
        home.listed("route53", "ListHealthChecks", "HealthChecks", health_check)


def alias_record(name: str, target: str, *, fails_over: str = "", check: str = "") -> dict[str, Any]:
    """An alias record of a load balancer. `fails_over`: PRIMARY or SECONDARY of a failover pair."""
    record: dict[str, Any] = {"Name": f"{name}.", "Type": "A"}
    record["AliasTarget"] = {
        "HostedZoneId": "ZALIAS",
        "DNSName": f"{target}.",
        "EvaluateTargetHealth": bool(fails_over),
    }
    if fails_over:
        record |= {"SetIdentifier": f"{name}-{fails_over.lower()}", "Failover": fails_over}
    return record | ({"HealthCheckId": check} if check else {})


def stack(at: Region, service: str, name: str, *, protected: bool) -> None:
    """A CloudFormation stack, with or without termination protection."""
    arn = at.arn("cloudformation", f"stack/{name}/0a1b2c3d")
    row = {
        "StackId": arn,
        "StackName": name,
        "StackStatus": "UPDATE_COMPLETE",
        "CreationTime": at.ago(days=700),
        "EnableTerminationProtection": protected,
        "RollbackConfiguration": {"RollbackTriggers": []},
        "DriftInformation": {"StackDriftStatus": "IN_SYNC"},
        "Tags": [{"Key": "service", "Value": service}],
    }
    at.listed("cloudformation", "DescribeStacks", "Stacks", row)


def pipeline(at: Region, service: str, name: str, *, staging: bool, approval: bool) -> None:
    """A CodePipeline pipeline that deploys to ECS, with or without a staging stage and an approval."""
    arn = at.arn("codepipeline", name)
    at.tagged(arn, service)
    at.listed("codepipeline", "ListPipelines", "pipelines", {"name": name, "version": 3})
    stages = [_stage("Source", "Source", "CodeStarSourceConnection")]
    stages += [_stage("Staging", "Deploy", "ECS", ClusterName="acme-staging", ServiceName=name)] if staging else []
    stages += [_stage("Approve", "Approval", "Manual")] if approval else []
    stages.append(_stage("Production", "Deploy", "ECS", ClusterName="acme", ServiceName=name))
    pipeline = {"pipeline": {"name": name, "roleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy", "stages": stages}}
    at.detail("codepipeline", "GetPipeline", name, pipeline | {"metadata": {"pipelineArn": arn}})


def _stage(name: str, category: str, provider: str, **configuration: str) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actions": [{"name": name, "actionTypeId": kind, "configuration": configuration}]}


def experiment(at: Region, service: str, name: str, *, target: str, days_ago: float, completed: bool) -> None:
    """An FIS experiment that ran once on the resource `target`."""
    identity = f"EXT{name}"
    template = {"id": identity, "arn": at.arn("fis", f"experiment-template/{identity}"), "description": name}
    at.listed("fis", "ListExperimentTemplates", "experimentTemplates", template | {"tags": {"service": service}})
    state = {"status": "completed" if completed else "stopped", "reason": "" if completed else "an alarm fired"}
    run = {
        "id": f"EXP{name}",
        "experimentTemplateId": identity,
        "creationTime": at.ago(days=days_ago),
        "state": state,
    }
    at.listed("fis", "ListExperiments", "experiments", run)
    whole = run | {
        "startTime": at.ago(days=days_ago),
        "endTime": at.ago(days=days_ago, minutes=-25),
        "targets": {"tasks": {"resourceType": "aws:ecs:task", "resourceArns": [target], "selectionMode": "ALL"}},
        "actions": {"stop": {"actionId": "aws:ecs:stop-task", "state": {"status": "completed"}}},
        "experimentOptions": {"actionsMode": "run-all"},
    }
    at.detail("fis", "GetExperiment", f"EXP{name}", {"experiment": whole})


def region_switch(home: Region, other: Region, service: str, name: str, *, days_ago: float, minutes: int) -> None:
    """An ARC region switch plan from `home` to `other`, executed once within `minutes`."""
    arn = f"arn:aws:arc-region-switch::{ACCOUNT}:plan/{name}:abc123"
    plan = {
        "arn": arn,
        "name": name,
        "regions": [home.name, other.name],
        "primaryRegion": home.name,
        "recoveryApproach": "activePassive",
        "workflows": [],
        "owner": ACCOUNT,
    }
    run = {
        "planArn": arn,
        "executionId": "run-1",
        "executionRegion": other.name,
        "executionAction": "activate",
        "executionState": "completed",
        "mode": "graceful",
        "startTime": home.ago(days=days_ago),
        "endTime": home.ago(days=days_ago, minutes=-minutes),
        "actualRecoveryTime": f"PT{minutes}M",
    }
    for at in (home, other):
        at.listed("arc-region-switch", "ListPlansInRegion", "plans", plan)
        at.detail("arc-region-switch", "GetPlanInRegion", arn, {"plan": plan})
        at.tagged(arn, service)
        at.detail("arc-region-switch", "ListPlanExecutions", arn, {"items": [run]})


def secret(at: Region, service: str, name: str, *, copies: tuple[str, ...] = ()) -> None:
    """A secret, with replicas in the regions `copies`."""
    arn = at.arn("secretsmanager", f"secret:{name}-a1b2c3")
    row = {"ARN": arn, "Name": name, "RotationEnabled": True, "PrimaryRegion": at.name}
    row["Tags"] = at.tagged(arn, service)
    at.listed("secretsmanager", "ListSecrets", "SecretList", row)
    replicas = [{"Region": region, "Status": "InSync"} for region in copies]
    at.detail("secretsmanager", "DescribeSecret", arn, row | {"ReplicationStatus": replicas})

"""Two of everything that people do with resources: alarms, backups, pipelines, experiments, keys, quotas."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from support.builders.aws_sources import arn
from support.builders.moment import ACCOUNT, NOW
from support.fakes.aws_script import Answer, Operation
from support.samples.aws_pair import NAMES, Row, both, named, of

DAY = timedelta(days=1)


def certificate(name: str) -> Row:
    own = {"CertificateArn": arn("acm", f"certificate/{name}"), "DomainName": f"{name}.example", "InUse": True}
    return {**own, "NotAfter": NOW + 90 * DAY, "Type": "AMAZON_ISSUED", "RenewalEligibility": "ELIGIBLE"}


def topic(name: str) -> Row:
    return {"TopicArn": arn("sns", name)}


def subscription(name: str) -> Row:
    return {"TopicArn": arn("sns", name), "SubscriptionArn": arn("sns", f"{name}:1"), "Protocol": "https"}


def alarms(params: Mapping[str, Any]) -> Row:
    if params["AlarmTypes"] == ["CompositeAlarm"]:
        return {"CompositeAlarms": both(composite)}
    return {"MetricAlarms": both(alarm)}


def alarm(name: str) -> Row:
    return {
        "AlarmName": f"{name}-errors",
        "AlarmArn": arn("cloudwatch", f"alarm:{name}-errors"),
        "ActionsEnabled": True,
        "AlarmActions": [arn("sns", name)],
        "MetricName": "SystemErrors",
        "Namespace": "AWS/DynamoDB",
        "Dimensions": [{"Name": "TableName", "Value": name}],
    }


def composite(name: str) -> Row:
    own = {"AlarmName": f"{name}-all", "AlarmArn": arn("cloudwatch", f"alarm:{name}-all"), "ActionsEnabled": True}
    return {**own, "AlarmRule": f'ALARM("{name}-errors")', "AlarmActions": [arn("sns", name)]}


def protected(name: str) -> Row:
    return {"ResourceArn": arn("dynamodb", f"table/{name}"), "ResourceName": name, "LastBackupTime": NOW - DAY}


def copy_job(name: str) -> Row:
    vault = arn("backup", f"backup-vault:{name}", "us-west-2", "444455556666")
    return {"ResourceArn": arn("dynamodb", f"table/{name}"), "DestinationBackupVaultArn": vault, "State": "COMPLETED"}


def listed_plan(name: str) -> Row:
    own = {"BackupPlanId": f"plan-{name}", "BackupPlanName": name}
    return {**own, "BackupPlanArn": arn("backup", f"backup-plan:plan-{name}")}


def plan(name: str) -> Row:
    vault = arn("backup", f"backup-vault:{name}", "us-west-2", "444455556666")
    rule = {"RuleName": name, "TargetBackupVaultName": name, "ScheduleExpression": "cron(0 5 * * ? *)"}
    more = {"Lifecycle": {"DeleteAfterDays": 35}, "CopyActions": [{"DestinationBackupVaultArn": vault}]}
    return {"BackupPlan": {"BackupPlanName": name, "Rules": [{**rule, **more}]}}


def selections(name: str) -> Row:
    return {"BackupSelectionsList": [{"SelectionId": name, "SelectionName": name}]}


def restore_plan(name: str) -> Row:
    own = {"RestoreTestingPlanArn": arn("backup", f"restore-testing-plan:{name}"), "RestoreTestingPlanName": name}
    return {**own, "CreationTime": NOW, "ScheduleExpression": "cron(0 5 * * ? *)"}


def restore_job(name: str) -> Row:
    own = {"RestoreJobId": f"job-{name}", "SourceResourceArn": arn("rds", f"db:{name}"), "Status": "COMPLETED"}
    point = {"RecoveryPointArn": arn("backup", f"recovery-point:{name}"), "ValidationStatus": "SUCCESSFUL"}
    return {**own, **point, "CreationDate": NOW - DAY, "CompletionDate": NOW - DAY + timedelta(hours=1)}


def stack(name: str) -> Row:
    own = {"StackId": arn("cloudformation", f"stack/{name}/1"), "StackName": name, "StackStatus": "CREATE_COMPLETE"}
    rollback = {"RollbackConfiguration": {"RollbackTriggers": [{"Arn": name, "Type": "t"}]}}
    drift = {"DriftInformation": {"StackDriftStatus": "IN_SYNC"}, "EnableTerminationProtection": True}
    return {**own, **rollback, **drift, "CreationTime": NOW, "Tags": named(name)}


def sts_event(name: str) -> Row:
    issuer = {"sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}}}
    caller = {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/i-0123456{name}", **issuer}
    body = {"tlsDetails": {"clientProvidedHostHeader": "sts.amazonaws.com"}, "userIdentity": caller}
    return {"EventId": name, "CloudTrailEvent": json.dumps({**body, "awsRegion": "us-east-1"})}


def deployment_group(name: str) -> Row:
    own = {"applicationName": name, "deploymentGroupName": f"dg-{name}"}
    more = {"deploymentConfigName": "CodeDeployDefault.OneAtATime", "autoRollbackConfiguration": {"enabled": True}}
    services = [{"clusterName": name, "serviceName": name}]
    return {**own, **more, "ecsServices": services, "autoScalingGroups": [{"name": f"asg-{name}"}]}


def pipeline(name: str) -> Row:
    def action(kind: str, provider: str, **settings: str) -> Row:
        of_type = {"category": kind, "owner": "AWS", "provider": provider, "version": "1"}
        return {"name": kind, "actionTypeId": of_type, "configuration": settings, "region": "us-east-1"}

    deploy = action("Deploy", "CodeDeploy", ApplicationName=name, DeploymentGroupName=f"dg-{name}")
    stages = [
        {"name": "approve", "actions": [action("Approval", "Manual")]},
        {"name": "live", "actions": [deploy], "onFailure": {"result": "ROLLBACK"}},
    ]
    about = {"pipelineArn": arn("codepipeline", name)}
    return {"pipeline": {"name": name, "roleArn": "r", "stages": stages}, "metadata": about}


def switch(name: str) -> Row:
    own = {"arn": f"arn:aws:arc-region-switch::{ACCOUNT}:plan/{name}:1", "name": name, "regions": ["us-east-1", "x"]}
    return {**own, "owner": ACCOUNT, "recoveryApproach": "activeActive", "primaryRegion": "us-east-1"}


def switch_plan(name: str) -> Row:
    group = {"arn": arn("autoscaling", f"autoScalingGroup:1:autoScalingGroupName/asg-{name}")}
    block = {"ec2AsgCapacityIncreaseConfig": {"asgs": [group]}}
    step = {"name": "s", "executionBlockConfiguration": block, "executionBlockType": "EC2AutoScaling"}
    workflow = {"steps": [step], "workflowTargetAction": "activate"}
    own = {key: value for key, value in switch(name).items() if key != "owner"}
    return {"plan": {**own, "executionRole": "r", "workflows": [workflow], "owner": ACCOUNT}}


def executions(name: str) -> Row:
    own = {"planArn": switch(name)["arn"], "executionId": f"run-{name}", "version": "1", "mode": "graceful"}
    how = {"executionState": "completed", "executionAction": "activate", "executionRegion": "us-east-1"}
    return {"items": [{**own, **how, "startTime": NOW - DAY, "endTime": NOW, "actualRecoveryTime": "PT9M"}]}


def control(name: str) -> Row:
    root = f"arn:aws:route53-recovery-control::{ACCOUNT}:controlpanel/{name}"
    return {"RoutingControls": [{"RoutingControlArn": f"{root}/routingcontrol/{name}", "Name": name}]}


def panel(name: str) -> Row:
    root = f"arn:aws:route53-recovery-control::{ACCOUNT}:controlpanel/{name}"
    return {"ControlPanelArn": root, "Name": name, "RoutingControlCount": 1}


def managed(name: str) -> Row:
    own = {"arn": arn("elasticloadbalancing", f"loadbalancer/net/{name}/1"), "name": name, "availabilityZones": []}
    return {**own, "zonalAutoshiftStatus": "ENABLED", "practiceRunStatus": "ENABLED"}


def practice_run(name: str) -> Row:
    shift = {"zonalShiftId": name, "resourceIdentifier": managed(name)["arn"], "awayFrom": "us-east-1a"}
    times = {"expiryTime": NOW, "startTime": NOW - DAY, "status": "EXPIRED", "comment": name}
    return {**shift, **times, "shiftType": "PRACTICE_RUN", "practiceRunOutcome": "SUCCEEDED"}


def template(name: str) -> Row:
    own = {"id": f"EXT{name}", "arn": arn("fis", f"experiment-template/EXT{name}"), "description": name}
    return {**own, "tags": {"Name": name}}


def run(name: str) -> Row:
    own = {"id": f"EXP{name}", "experimentTemplateId": f"EXT{name}", "creationTime": NOW - DAY}
    return {**own, "state": {"status": "completed"}}


def experiment(name: str) -> Row:
    action = {"actionId": "aws:ec2:stop-instances", "state": {"status": "completed"}}
    told = {"actions": {"stop": action}, "targets": {"all": {"parameters": {}}}, "endTime": NOW}
    return {"experiment": {**run(name), **told, "experimentOptions": {"actionsMode": "run-all"}}}


def resolved(name: str) -> Row:
    return {"resolvedTargets": [{"targetName": name, "targetInformation": {"id": arn("ec2", f"instance/i-{name}")}}]}


def key(name: str) -> Row:
    return {"KeyId": f"key-{name}", "KeyArn": arn("kms", f"key/key-{name}")}


def described_key(name: str) -> Row:
    family = {"PrimaryKey": {"Region": "us-east-1"}, "ReplicaKeys": [{"Region": "us-west-2"}]}
    own = {"KeyId": f"key-{name}", "Enabled": True, "KeyState": "Enabled", "KeyManager": "CUSTOMER"}
    return {"KeyMetadata": {**own, "MultiRegion": True, "MultiRegionConfiguration": family}}


def secret(name: str) -> Row:
    own = {"ARN": arn("secretsmanager", f"secret:{name}-1"), "Name": name, "RotationEnabled": True}
    return {**own, "Tags": named(name)}


def described_secret(_: str) -> Row:
    return {"ReplicationStatus": [{"Region": "us-west-2", "Status": "InSync"}]}


def app(name: str) -> Row:
    own = {"appArn": arn("resiliencehub", f"app/{name}"), "name": name, "creationTime": NOW, "resiliencyScore": 80.0}
    return {**own, "complianceStatus": "PolicyMet", "lastAppComplianceEvaluationTime": NOW - DAY}


def assessments(name: str) -> Row:
    own = {"assessmentArn": arn("resiliencehub", f"app-assessment/{name}"), "assessmentStatus": "Success"}
    return {"assessmentSummaries": [own]}


def assessment(name: str) -> Row:
    part = {"complianceStatus": "PolicyMet", "currentRtoInSecs": 600}
    own = {"assessmentArn": arn("resiliencehub", f"app-assessment/{name}"), "assessmentStatus": "Success"}
    return {"assessment": {**own, "invoker": "User", "compliance": {"AZ": part}}}


def quotas(params: Mapping[str, Any]) -> Row:
    codes = {"ec2": "L-1216C47A", "rds": "L-7B6409FD"}
    code = codes.get(params["ServiceCode"])
    own = {"QuotaCode": code, "QuotaName": code, "QuotaArn": arn("servicequotas", f"{params['ServiceCode']}/{code}")}
    return {"Quotas": [{**own, "Value": 20.0, "Unit": "None", "Adjustable": True}]} if code else {"Quotas": []}


PRACTICES: dict[Operation, Answer] = {
    ("acm", "ListCertificates"): {"CertificateSummaryList": both(certificate)},
    ("sns", "ListTopics"): {"Topics": both(topic)},
    ("sns", "GetTopicAttributes"): of("TopicArn", lambda name: {"Attributes": {"KmsMasterKeyId": f"alias/{name}"}}),
    ("sns", "ListSubscriptions"): {"Subscriptions": both(subscription)},
    ("cloudwatch", "DescribeAlarms"): alarms,
    ("backup", "ListProtectedResources"): {"Results": both(protected)},
    ("backup", "ListCopyJobs"): {"CopyJobs": both(copy_job)},
    ("backup", "ListBackupPlans"): {"BackupPlansList": both(listed_plan)},
    ("backup", "GetBackupPlan"): of("BackupPlanId", plan),
    ("backup", "ListBackupSelections"): of("BackupPlanId", selections),
    ("backup", "ListRestoreTestingPlans"): {"RestoreTestingPlans": both(restore_plan)},
    ("backup", "ListRestoreJobs"): {"RestoreJobs": both(restore_job)},
    ("cloudformation", "DescribeStacks"): {"Stacks": both(stack)},
    ("cloudtrail", "LookupEvents"): {"Events": both(sts_event)},
    ("codedeploy", "ListApplications"): {"applications": list(NAMES)},
    ("codedeploy", "ListDeploymentGroups"): of("applicationName", lambda name: {"deploymentGroups": [f"dg-{name}"]}),
    ("codedeploy", "BatchGetDeploymentGroups"): of(
        "applicationName", lambda name: {"deploymentGroupsInfo": [deployment_group(name)]}
    ),
    ("codepipeline", "ListPipelines"): {"pipelines": both(lambda name: {"name": name})},
    ("codepipeline", "GetPipeline"): of("name", pipeline),
    ("arc-region-switch", "ListPlansInRegion"): {"plans": both(switch)},
    ("arc-region-switch", "GetPlanInRegion"): of("arn", switch_plan),
    ("arc-region-switch", "ListPlanExecutions"): of("planArn", executions),
    ("route53-recovery-control-config", "ListClusters"): {"Clusters": [{"Name": "c"}]},
    ("route53-recovery-control-config", "ListControlPanels"): {"ControlPanels": both(panel)},
    ("route53-recovery-control-config", "ListRoutingControls"): of("ControlPanelArn", control),
    ("arc-zonal-shift", "ListManagedResources"): {"items": both(managed)},
    ("arc-zonal-shift", "ListZonalShifts"): {"items": both(practice_run)},
    ("fis", "ListExperimentTemplates"): {"experimentTemplates": both(template)},
    ("fis", "ListExperiments"): {"experiments": both(run)},
    ("fis", "GetExperiment"): of("id", experiment),
    ("fis", "ListExperimentResolvedTargets"): of("experimentId", resolved),
    ("kms", "ListKeys"): {"Keys": both(key)},
    ("kms", "ListAliases"): {
        "Aliases": both(lambda name: {"AliasName": f"alias/{name}", "TargetKeyId": f"key-{name}"})
    },
    ("kms", "DescribeKey"): of("KeyId", described_key),
    ("secretsmanager", "ListSecrets"): {"SecretList": both(secret)},
    ("secretsmanager", "DescribeSecret"): of("SecretId", described_secret),
    ("resiliencehub", "ListApps"): {"appSummaries": both(app)},
    ("resiliencehub", "ListAppAssessments"): of("appArn", assessments),
    ("resiliencehub", "DescribeAppAssessment"): of("assessmentArn", assessment),
    ("service-quotas", "ListServiceQuotas"): quotas,
}

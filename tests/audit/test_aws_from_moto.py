"""Zones, alarms, keys, secrets, stacks and plans as another implementation of AWS's services tells them on the wire."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from support.builders.aws_sources import named, read
from support.fakes.aws import FakeAws
from support.harness.serving import moto_aws

from bot.audit.collectors.aws.sources import acm as aws_certificates
from bot.audit.collectors.aws.sources import backup_plans as aws_backup_plans
from bot.audit.collectors.aws.sources import cloudformation as aws_stacks
from bot.audit.collectors.aws.sources import cloudwatch_alarms as aws_alarms
from bot.audit.collectors.aws.sources import kms as aws_keys
from bot.audit.collectors.aws.sources import route53 as aws_dns
from bot.audit.collectors.aws.sources import route53_health_checks as aws_health_checks
from bot.audit.collectors.aws.sources import secrets_manager as aws_secrets
from checks import (
    Alarm,
    BackupPlan,
    Certificate,
    DnsRecord,
    DnsZone,
    EncryptionKey,
    HealthCheck,
    Secret,
    SignalKind,
    Stack,
)

HOME = "us-east-1"
TEMPLATE = '{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"T": {"Type": "AWS::SQS::Queue"}}}'


@pytest.fixture(scope="module")
def moto() -> Iterator[FakeAws]:
    with moto_aws() as there:
        yield FakeAws(there["AWS_ENDPOINT_URL"])


def client(moto: FakeAws, service: str) -> Any:
    return moto.session().create_client(service, region_name=HOME)


def test_a_failover_pair_and_its_health_check(moto: FakeAws) -> None:
    route53 = client(moto, "route53")
    probe = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.com", "Port": 443, "ResourcePath": "/up"}
    probe |= {"RequestInterval": 10, "FailureThreshold": 3}
    check = route53.create_health_check(CallerReference="c", HealthCheckConfig=probe)["HealthCheck"]["Id"]
    zone = route53.create_hosted_zone(Name="example.com.", CallerReference="z")["HostedZone"]["Id"]

    def half(role: str, value: str, **told: str) -> dict[str, Any]:
        row = {"Name": "api.example.com.", "Type": "A", "TTL": 60, "SetIdentifier": role, "Failover": role}
        return {"Action": "CREATE", "ResourceRecordSet": {**row, "ResourceRecords": [{"Value": value}], **told}}

    changes = [half("PRIMARY", "192.0.2.1", HealthCheckId=check), half("SECONDARY", "192.0.2.2")]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    facts = read(moto, aws_dns.SOURCE)
    records = {fact.role: fact for fact in facts if isinstance(fact, DnsRecord)}
    hanging = read(moto, aws_health_checks.SOURCE)[0]
    assert isinstance(hanging, HealthCheck)
    assert len(named(facts, DnsZone)["example.com"].name_servers) == 4
    assert (records["primary"].health_check, records["primary"].health_check_exists) == (check, True)
    assert (records["secondary"].health_check, records["secondary"].siblings) == ("", 2)
    assert hanging.detects_in == timedelta(seconds=30)
    assert hanging.about == (records["primary"].resource,)


def test_an_alarm_on_a_function(moto: FakeAws) -> None:
    topic = client(moto, "sns").create_topic(Name="oncall")["TopicArn"]
    client(moto, "sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:1:q")
    client(moto, "cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": "pay"}],
        Period=60,
        EvaluationPeriods=3,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        Statistic="Sum",
        AlarmActions=[topic],
    )
    found = named(read(moto, aws_alarms.SOURCE), Alarm)["errors"]
    assert (found.signal, found.metric, found.enabled) == (SignalKind.ERRORS, "AWS/Lambda/Errors", True)
    assert found.actions == (topic,)
    assert found.about[0].endswith(":function:pay")


def test_a_secret_with_a_copy_and_a_key_for_many_regions(moto: FakeAws) -> None:
    client(moto, "secretsmanager").create_secret(
        Name="db", SecretString="x", AddReplicaRegions=[{"Region": "us-west-2"}]
    )
    key = client(moto, "kms").create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    secret = named(read(moto, aws_secrets.SOURCE), Secret)["db"]
    copy = named(read(moto, aws_secrets.SOURCE, "us-west-2"), Secret)["db"]
    keys = [reading for reading in read(moto, aws_keys.SOURCE) if isinstance(reading, EncryptionKey)]
    assert (secret.replica_regions, copy.replica_regions) == (("us-west-2",), ("us-east-1",))
    assert [(key.resource, key.multi_region, key.enabled) for key in keys] == [(key, True, True)]


def test_a_stack_a_plan_and_a_certificate(moto: FakeAws) -> None:
    client(moto, "cloudformation").create_stack(
        StackName="base", TemplateBody=TEMPLATE, EnableTerminationProtection=True
    )
    client(moto, "backup").create_backup_vault(BackupVaultName="main")
    away = "arn:aws:backup:us-west-2:123456789012:backup-vault:main"
    rule: dict[str, Any] = {
        "RuleName": "d",
        "TargetBackupVaultName": "main",
        "ScheduleExpression": "cron(0 5 ? * MON-FRI *)",
    }
    rule |= {"Lifecycle": {"DeleteAfterDays": 35}, "CopyActions": [{"DestinationBackupVaultArn": away}]}
    client(moto, "backup").create_backup_plan(BackupPlan={"BackupPlanName": "nightly", "Rules": [rule]})
    client(moto, "acm").request_certificate(DomainName="api.example.com", ValidationMethod="DNS")
    stack = named(read(moto, aws_stacks.SOURCE), Stack)["base"]
    plan = named(read(moto, aws_backup_plans.SOURCE), BackupPlan)["nightly"]
    certificate = named(read(moto, aws_certificates.SOURCE), Certificate)["api.example.com"]
    assert (stack.termination_protection, stack.status) == (True, "CREATE_COMPLETE")
    assert (plan.every, plan.keep_days, plan.copy_regions) == (timedelta(days=3), 35, ("us-west-2",))
    assert certificate.in_use is False

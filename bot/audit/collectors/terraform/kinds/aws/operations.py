"""CloudWatch alarms and AWS Backup plans. Defaults: Terraform's hashicorp/aws provider documentation of each type."""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.audit.collectors.aws.metric_signals import signal_of_metrics
from bot.audit.collectors.aws.parts.schedule import longest_interval
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.terraform.resource import Joined, PlanResource, any_of, kind, told
from checks import Alarm, BackupPlan, Fact, Maybe, SignalKind, Unread

_DEFAULT_SCHEDULE: Final = "cron(0 5 ? * * *)"  # AWS Backup: daily at 05:00 UTC where a rule has no schedule
_DIMENSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "DBInstanceIdentifier": ("aws_db_instance", "aws_rds_cluster_instance", "aws_docdb_cluster_instance"),
    "DBClusterIdentifier": ("aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster"),
    "LoadBalancer": ("aws_lb", "aws_alb"),
    "LoadBalancerName": ("aws_elb",),
    "QueueName": ("aws_sqs_queue",),
    "TopicName": ("aws_sns_topic",),
    "TableName": ("aws_dynamodb_table",),
    "InstanceId": ("aws_instance",),
    "VolumeId": ("aws_ebs_volume",),
    "StreamName": ("aws_kinesis_stream",),
    "FileSystemId": ("aws_efs_file_system",),
    "DomainName": ("aws_opensearch_domain", "aws_elasticsearch_domain"),
    "ReplicationGroupId": ("aws_elasticache_replication_group",),
    "CacheClusterId": ("aws_elasticache_cluster", "aws_elasticache_replication_group"),
    "ClusterIdentifier": ("aws_redshift_cluster",),
    "CollectionId": ("aws_opensearchserverless_collection",),
    "Directory ID": ("aws_directory_service_directory",),
    "GraphIdentifier": ("aws_neptunegraph_graph",),
    "Namespace": ("aws_redshiftserverless_namespace",),
    "ClusterName": ("aws_ecs_cluster", "aws_eks_cluster", "aws_memorydb_cluster", "aws_msk_cluster"),
    "ServiceName": ("aws_ecs_service",),
    "FunctionName": ("aws_lambda_function",),
    "AutoScalingGroupName": ("aws_autoscaling_group",),
    "ApiName": ("aws_api_gateway_rest_api",),
    "ApiId": ("aws_apigatewayv2_api",),
    "BucketName": ("aws_s3_bucket",),
    "DistributionId": ("aws_cloudfront_distribution",),
    "HealthCheckId": ("aws_route53_health_check",),
    "Broker": ("aws_mq_broker",),
    "Cluster Name": ("aws_msk_cluster",),
}
_PARENTS: Final = ("cluster_identifier", "replication_group_id")
_MEMBERS: Final = ("aws_rds_cluster_instance", "aws_docdb_cluster_instance", "aws_elasticache_cluster")


def _metric_alarm(row: PlanResource) -> Iterable[Fact]:
    """An alarm on a metric, or on an expression over several."""
    queries = [query.row("metric") for query in told(row.blocks("metric_query"), ())]
    metrics = [told(query.maybe(query.text, "metric_name"), "") for query in queries]
    names = [name for name in (row.plain("metric_name"), *metrics) if name]
    about = (*_watched(row, "dimensions"), *_watched(row, "metric_query.metric.dimensions"))
    yield _alarm(row, signal_of_metrics(names), ", ".join(dict.fromkeys(names)), tuple(dict.fromkeys(about)))


def _alarm(row: PlanResource, signal: SignalKind, metric: str, about: tuple[str, ...]) -> Alarm:
    enabled = row.flag_of("actions_enabled", default=True)
    return row.fact(
        Alarm,
        product="cloudwatch",
        name=row.plain("alarm_name") or row.identity.name,
        about=about,
        signal=signal,
        metric=metric,
        enabled=enabled,
        actions=row.identities_of("alarm_actions"),
        reaches_someone=False if enabled is False else _reaches(row),
    )


def _watched(row: PlanResource, path: str) -> Iterator[str]:
    """The resources that dimensions name; a member with the cluster that it belongs to."""
    known = row.maybe(row.labels, path)
    names = set(_DIMENSIONS) if isinstance(known, Unread) else {*known, *(row.row(path).unknown or ())}
    for name in sorted(names & _DIMENSIONS.keys()):
        for other in row.linked(f"{path}.{name}", *_DIMENSIONS[name]):
            yield other.identity.resource
            if other.resource_type in _MEMBERS:
                yield from (parent for field in _PARENTS if (parent := other.identity_of(field)))


def _reaches(row: PlanResource) -> Maybe[bool]:
    links = row.links("alarm_actions")
    answers: list[Maybe[bool]] = [
        _subscribed(row.open_other(entry)) for entry in links.found if entry.type == "aws_sns_topic"
    ]
    for action in links.others:
        service = action.split(":")[2] if action.count(":") > 2 else ""
        outside = Unread(f"{action} is not in the plan, so its subscribers are not known")
        answers.append(service == "ssm-incidents" or (outside if service in {"sns", "lambda"} else False))
    if not links.complete:
        answers.append(Unread("alarm_actions is known only after apply"))
    return any_of(answers)


def _subscribed(topic: PlanResource) -> Maybe[bool]:
    subscriptions: Joined = topic.joined("aws_sns_topic_subscription", "topic_arn")
    answers = [_confirmed(subscription) for subscription in subscriptions.found]
    return any_of([*answers, *([subscriptions.doubt] if subscriptions.doubt else [])])


def _confirmed(subscription: PlanResource) -> Maybe[bool]:
    """Whether a subscription is confirmed: people confirm theirs after apply, queues and functions need not."""
    if not subscription.plain("protocol").startswith(("email", "http")):
        return True
    pending = subscription.maybe(subscription.flag, "pending_confirmation")
    if pending is None or isinstance(pending, Unread):
        return Unread(f"{subscription.entry.address} is confirmed only after apply")
    return not pending


def _composite(row: PlanResource) -> Iterable[Fact]:
    """A composite alarm watches what the alarms in its rule watch."""
    rule = row.plain("alarm_rule")
    referred = {entry.address for entry in row.links("alarm_rule", "aws_cloudwatch_metric_alarm").found}
    children = [
        other
        for other in row.others("aws_cloudwatch_metric_alarm")
        if other.entry.address in referred or (rule and f"({other.plain('alarm_name')})" in _unquoted(rule))
    ]
    about = tuple(dict.fromkeys(resource for child in children for resource in _watched(child, "dimensions")))
    yield _alarm(row, SignalKind.COMPOSITE, "", about)


def _unquoted(rule: str) -> str:
    return rule.replace('"', "").replace("'", "").replace(" ", "")


def _plan(row: PlanResource) -> Iterable[Fact]:
    """A backup plan with its rules and the resources that its selections name, by ARN, pattern or tag."""
    rules = told(row.blocks("rule"), ())
    schedules = [told(rule.maybe(rule.text, "schedule"), "") or _DEFAULT_SCHEDULE for rule in rules]
    intervals = [found for text in schedules if (found := longest_interval(text, row.identity.observed_at))]
    days = [told(rule.maybe(rule.number, "lifecycle.delete_after"), None) for rule in rules]
    selections = row.joined("aws_backup_selection", "plan_id")
    regions, accounts = _copies(row)
    yield row.fact(
        BackupPlan,
        product="backup",
        about=tuple(dict.fromkeys(name for selection in selections.found for name in _selected(selection))),
        every=min(intervals, default=None),
        keep_days=None if None in days else max((count for count in days if count), default=None),
        copy_regions=tuple(sorted(regions - {"", row.identity.region})),
        copy_accounts=tuple(sorted(accounts - {"", row.identity.account})),
        selects=len(selections.found) if selections.found or not selections.doubt else selections.doubt,
    )


def _copies(row: PlanResource) -> tuple[set[str], set[str]]:
    """The regions and accounts of the vaults that rules copy to."""
    links = row.links("rule.copy_action.destination_vault_arn")
    vaults = [row.open_other(entry).identity for entry in links.found]
    outside = [arn.split(":") for arn in links.others if arn.count(":") > 4]
    return (
        {vault.region for vault in vaults} | {parts[3] for parts in outside},
        {vault.account for vault in vaults} | {parts[4] for parts in outside},
    )


def _selected(selection: PlanResource) -> Iterator[str]:
    links = selection.links("resources")
    yield from (selection.open_other(entry).identity.resource for entry in links.found)
    patterns = [text for text in links.others if "*" in text]
    tags = [
        tag for tag in told(selection.blocks("selection_tag"), ()) if tag.text("type", "STRINGEQUALS") == "STRINGEQUALS"
    ]
    if not (patterns or tags):
        return
    for entry in selection.view.entries.values():
        if entry.type.startswith("aws_") and not entry.data:
            other = selection.open_other(entry)
            if _matches(other, patterns) or any(_has_tag(other, tag) for tag in tags):
                yield other.identity.resource


def _matches(row: PlanResource, patterns: Iterable[str]) -> bool:
    """Whether a pattern selects a resource; one that has no ARN yet is selected by `*` alone."""
    return any(pattern == "*" or fnmatch.fnmatchcase(row.identity.resource, pattern) for pattern in patterns)


def _has_tag(row: PlanResource, tag: Row) -> bool:
    return row.identity.tags.get(tag.text("key")) == tag.text("value")


KINDS = (
    kind("aws_cloudwatch_metric_alarm", (Alarm,), _metric_alarm),
    kind("aws_cloudwatch_composite_alarm", (Alarm,), _composite),
    kind("aws_backup_plan", (BackupPlan,), _plan),
)

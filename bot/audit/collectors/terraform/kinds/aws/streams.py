"""Kinesis, MSK, Amazon MQ, OpenSearch, SQS and SNS. Defaults: Terraform's hashicorp/aws provider documentation of each type."""

from collections.abc import Iterable
from datetime import timedelta

from bot.audit.collectors.terraform.aws_parts import key_of, spread, zones_of
from bot.audit.collectors.terraform.resource import PlanResource, above, any_of, kind, told
from checks import Capacity, Datastore, Fact, Maybe, Queue, StoreKind, StreamRetention, Topic, Unread

_SNAPSHOT_DAYS = 14  # OpenSearch Service guide, "Creating index snapshots": hourly snapshots are kept 14 days
_MASTERS, _MASTER_ZONES = 3, 3
_STREAM_HOURS = 24  # Kinesis: retention of a stream unless set
_RETENTION = 345_600  # seconds: SQS keeps a message for 4 days unless set


def _stream(row: PlanResource) -> Iterable[Fact]:
    """A stream, which spans all zones of its region, and how long it keeps records."""
    on_demand = row.plain("stream_mode_details.stream_mode") == "ON_DEMAND"
    yield row.fact(
        Datastore,
        product="kinesis",
        kind=StoreKind.STREAM,
        engine="kinesis",
        zone_redundant=True,
        capacity=Capacity.ON_DEMAND if on_demand else Capacity.FIXED,
        encryption_key=key_of(row, "kms_key_id"),
    )
    hours = row.number_of("retention_period", _STREAM_HOURS)
    yield row.fact(
        StreamRetention,
        product="kinesis",
        resource=f"{row.identity.resource}/retention",
        about=(row.identity.resource,),
        period=hours if isinstance(hours, Unread) else timedelta(hours=hours),
    )


def _kafka(row: PlanResource) -> Iterable[Fact]:
    """An MSK cluster over the zones of its client subnets."""
    zones = zones_of(row, "broker_node_group_info.client_subnets")
    yield row.fact(
        Datastore,
        product="kafka",
        kind=StoreKind.STREAM,
        engine="kafka",
        zones=told(zones, ()),
        zone_redundant=spread(zones),
        nodes=told(row.number_of("number_of_broker_nodes", 0), 0) or None,
        encryption_key=key_of(row, "encryption_info.encryption_at_rest_kms_key_arn"),
    )


def _kafka_serverless(row: PlanResource) -> Iterable[Fact]:
    """A serverless MSK cluster, which is multi-AZ."""
    yield row.fact(
        Datastore,
        product="kafka",
        kind=StoreKind.STREAM,
        engine="kafka",
        zone_redundant=True,
        capacity=Capacity.ON_DEMAND,
    )


def _broker(row: PlanResource) -> Iterable[Fact]:
    """An Amazon MQ broker; a single instance unless set."""
    mode = row.text_of("deployment_mode", "SINGLE_INSTANCE")
    multi_az = mode if isinstance(mode, Unread) else mode.endswith("MULTI_AZ")
    yield row.fact(
        Datastore,
        product="mq",
        kind=StoreKind.STREAM,
        engine=row.plain("engine_type").lower(),
        zone_redundant=multi_az,
        automatic_failover=multi_az,
        encryption_key=key_of(row, "encryption_options.kms_key_id"),
    )


def _domain(row: PlanResource) -> Iterable[Fact]:
    """A search domain; one node in one zone unless set."""
    count = row.number_of("cluster_config.instance_count", 1)
    aware = any_of(
        [
            row.flag_of("cluster_config.zone_awareness_enabled"),
            row.flag_of("cluster_config.multi_az_with_standby_enabled"),
        ]
    )
    several = above(count, 1)
    redundant: Maybe[bool] = (
        False if aware is False or several is False else aware if isinstance(aware, Unread) else several
    )
    yield row.fact(
        Datastore,
        product="opensearch",
        kind=StoreKind.SEARCH,
        engine=row.plain("engine_version") or row.plain("elasticsearch_version") or "opensearch",
        zone_redundant=redundant,
        nodes=told(count, 1),
        votes=() if isinstance(aware, Unread) or isinstance(count, Unread) else _votes(row, count, zone_aware=aware),
        automatic_failover=several,
        backup_days=_SNAPSHOT_DAYS,
        capacity=Capacity.FIXED,
        minor_upgrades=row.flag_of("software_update_options.auto_software_update_enabled"),
        encryption_key=key_of(row, "encrypt_at_rest.kms_key_id"),
    )


def _votes(row: PlanResource, count: int, *, zone_aware: bool) -> tuple[int, ...]:
    """The votes in each zone: of the dedicated masters where there are any, else of the data nodes."""
    if told(row.flag_of("cluster_config.dedicated_master_enabled"), otherwise=False):
        count = told(row.number_of("cluster_config.dedicated_master_count", _MASTERS), _MASTERS)
        zones = _MASTER_ZONES
    else:
        standby = told(row.flag_of("cluster_config.multi_az_with_standby_enabled"), otherwise=False)
        default = 3 if standby else 2
        zones = told(row.number_of("cluster_config.zone_awareness_config.availability_zone_count", default), default)
    used = min(count, zones) if zone_aware else 1
    return tuple((count + place) // used for place in range(used)) if used else ()


def _queue(row: PlanResource) -> Iterable[Fact]:
    """A queue with its redrive policy, which is a field of it or a resource of its own."""
    seconds = row.number_of("message_retention_seconds", _RETENTION)
    yield row.fact(
        Queue,
        product="sqs",
        dead_letter=_has_dead_letter_queue(row),
        is_dead_letter=_is_dead_letter_queue(row),
        retention=seconds if isinstance(seconds, Unread) else timedelta(seconds=seconds),
        encryption_key=key_of(row, "kms_master_key_id"),
    )


def _has_dead_letter_queue(row: PlanResource) -> Maybe[bool]:
    own = row.entry.values.get("redrive_policy") or row.view.referred(row.entry, "redrive_policy", ("aws_sqs_queue",))
    if own:
        return True
    separate = row.joined("aws_sqs_queue_redrive_policy", "queue_url")
    policy = row.text_of("redrive_policy")
    return bool(separate.found) or separate.doubt or (policy if isinstance(policy, Unread) else False)


def _is_dead_letter_queue(row: PlanResource) -> Maybe[bool]:
    """Whether a queue offers itself as dead-letter queue, or another resource of the plan names it as one."""
    offered = row.joined("aws_sqs_queue_redrive_allow_policy", "queue_url").found
    if offered or row.entry.values.get("redrive_allow_policy"):
        return True
    return any(row.joined(*path).found for path in _DEAD_LETTERS)


_DEAD_LETTERS = (
    ("aws_sqs_queue", "redrive_policy"),
    ("aws_sqs_queue_redrive_policy", "redrive_policy"),
    ("aws_sns_topic_subscription", "redrive_policy"),
    ("aws_lambda_function", "dead_letter_config.target_arn"),
    ("aws_lambda_event_source_mapping", "destination_config.on_failure.destination_arn"),
    ("aws_lambda_function_event_invoke_config", "destination_config.on_failure.destination"),
    ("aws_cloudwatch_event_target", "dead_letter_config.arn"),
    ("aws_scheduler_schedule", "target.dead_letter_config.arn"),
)


def _topic(row: PlanResource) -> Iterable[Fact]:
    """A topic with its subscriptions; those of people are confirmed after apply."""
    subscriptions = row.joined("aws_sns_topic_subscription", "topic_arn")
    count = len(subscriptions.found)
    yield row.fact(
        Topic,
        product="sns",
        subscriptions=count if count or not subscriptions.doubt else subscriptions.doubt,
        encryption_key=key_of(row, "kms_master_key_id"),
    )


KINDS = (
    kind("aws_kinesis_stream", (Datastore, StreamRetention), _stream),
    kind("aws_msk_cluster", (Datastore,), _kafka),
    kind("aws_msk_serverless_cluster", (Datastore,), _kafka_serverless),
    kind("aws_mq_broker", (Datastore,), _broker),
    kind("aws_opensearch_domain", (Datastore,), _domain),
    kind("aws_elasticsearch_domain", (Datastore,), _domain),
    kind("aws_sqs_queue", (Queue,), _queue),
    kind("aws_sns_topic", (Topic,), _topic),
)

"""States of AWS queues, keys, alarms and backup plans, with the facts that they become. Shapes: hashicorp/aws provider 5."""

from datetime import timedelta
from typing import Any

from checks import Alarm, BackupPlan, Certificate, EncryptionKey, Fact, Queue, Secret, SignalKind, Topic

Case = tuple[str, type[Fact], tuple[tuple[str, Any], ...], dict[str, Any]]
"""What it is, the kind of fact, the resources of a state, and fields of the fact."""

HERE = "us-east-1:123456789012"
TOPIC = ("aws_sns_topic.alerts", {"arn": f"arn:aws:sns:{HERE}:alerts", "name": "alerts"})
TABLE = {
    "arn": f"arn:aws:dynamodb:{HERE}:table/orders",
    "name": "orders",
    "id": "orders",
    "billing_mode": "PROVISIONED",
}
CLUSTER = {
    "arn": f"arn:aws:rds:{HERE}:cluster:ledger",
    "id": "ledger",
    "cluster_identifier": "ledger",
    "engine": "aurora-postgresql",
    "backup_retention_period": 7,
    "deletion_protection": True,
    "master_username": "admin",
}
MEMBERS = tuple(
    (
        f"aws_rds_cluster_instance.{zone}",
        {"cluster_identifier": "ledger", "availability_zone": f"us-east-1{zone}", "identifier": f"ledger-{zone}"},
    )
    for zone in "ab"
)
QUEUES = (
    (
        "aws_sqs_queue.jobs",
        {
            "arn": f"arn:aws:sqs:{HERE}:jobs",
            "name": "jobs",
            "redrive_policy": f'{{"deadLetterTargetArn":"arn:aws:sqs:{HERE}:dead","maxReceiveCount":4}}',
        },
    ),
    ("aws_sqs_queue.dead", {"arn": f"arn:aws:sqs:{HERE}:dead", "name": "dead", "message_retention_seconds": 1209600}),
)
PLAN = {
    "arn": f"arn:aws:backup:{HERE}:backup-plan:p1",
    "id": "p1",
    "name": "daily",
    "rule": [
        {
            "schedule": "cron(0 5 * * ? *)",
            "lifecycle": [{"delete_after": 35}],
            "copy_action": [{"destination_vault_arn": "arn:aws:backup:us-west-2:210987654321:backup-vault:far"}],
        }
    ],
}

CASES: tuple[Case, ...] = (
    (
        "a queue with a dead-letter queue",
        Queue,
        QUEUES[:1] + QUEUES[1:],
        {"name": "dead", "is_dead_letter": True, "dead_letter": False, "retention": timedelta(days=14)},
    ),
    (
        "a topic with subscriptions",
        Topic,
        (TOPIC, ("aws_sns_topic_subscription.q", {"topic_arn": TOPIC[1]["arn"], "protocol": "sqs"})),
        {"subscriptions": 1},
    ),
    (
        "a multi-region key with a replica",
        EncryptionKey,
        (
            ("aws_kms_key.main", {"arn": f"arn:aws:kms:{HERE}:key/mrk-1", "key_id": "mrk-1", "multi_region": True}),
            ("aws_kms_alias.main", {"name": "alias/main", "target_key_id": "mrk-1"}),
            (
                "aws_kms_replica_key.west",
                {"arn": "arn:aws:kms:us-west-2:1:key/mrk-1", "primary_key_arn": f"arn:aws:kms:{HERE}:key/mrk-1"},
            ),
        ),
        {"name": "alias/main", "multi_region": True, "replica_regions": ("us-west-2",), "enabled": True},
    ),
    (
        "a secret with a replica",
        Secret,
        (("aws_secretsmanager_secret.key", {"name": "key", "replica": [{"region": "us-west-2"}]}),),
        {"replica_regions": ("us-west-2",), "rotates": False},
    ),
    (
        "a certificate in use",
        Certificate,
        (
            (
                "aws_acm_certificate.www",
                {"arn": f"arn:aws:acm:{HERE}:certificate/1", "not_after": "2027-03-01T00:00:00Z"},
            ),
            ("aws_lb_listener.www", {"certificate_arn": f"arn:aws:acm:{HERE}:certificate/1"}),
        ),
        {"in_use": True, "renews_itself": True},
    ),
    (
        "an alarm on a member of a cluster that reaches a queue",
        Alarm,
        (
            ("aws_rds_cluster.ledger", CLUSTER),
            *MEMBERS,
            TOPIC,
            ("aws_sns_topic_subscription.q", {"topic_arn": TOPIC[1]["arn"], "protocol": "sqs"}),
            (
                "aws_cloudwatch_metric_alarm.cpu",
                {
                    "alarm_name": "cpu",
                    "metric_name": "CPUUtilization",
                    "dimensions": {"DBInstanceIdentifier": "ledger-a"},
                    "alarm_actions": [TOPIC[1]["arn"]],
                },
            ),
        ),
        {
            "signal": SignalKind.SATURATION,
            "about": ("aws_rds_cluster_instance.a", CLUSTER["arn"]),
            "reaches_someone": True,
        },
    ),
    (
        "a plan that selects by tag and copies to another account",
        BackupPlan,
        (
            ("aws_dynamodb_table.orders", {**TABLE, "tags_all": {"backup": "daily"}}),
            ("aws_backup_plan.daily", PLAN),
            (
                "aws_backup_selection.daily",
                {"plan_id": "p1", "selection_tag": [{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}]},
            ),
        ),
        {
            "about": (TABLE["arn"],),
            "every": timedelta(days=1),
            "keep_days": 35,
            "copy_regions": ("us-west-2",),
            "copy_accounts": ("210987654321",),
            "selects": 1,
        },
    ),
)

"""States of AWS applications, flows and streams, with the facts that they become.

Shapes: documentation of the hashicorp/aws provider, version 6.
"""

import json
from datetime import timedelta

from support.samples.terraform_aws_services import Case
from support.samples.terraform_aws_traffic import HERE

from checks import ComputeGroup, DataFlow, EventEndpoint, StreamRetention, Unread, UserDirectory, Workflow

STEPS = {
    "StartAt": "Pay",
    "States": {
        "Pay": {"Type": "Task", "End": True},
        "Ship": {"Type": "Task", "Retry": [{"ErrorEquals": ["States.ALL"]}]},
    },
}
DMS = "arn:aws:dms:us-east-1:123456789012:rep:R1"

CASES: tuple[Case, ...] = (
    (
        "a state machine with a task that neither retries nor catches",
        Workflow,
        (("aws_sfn_state_machine.pay", {"name": "pay", "definition": json.dumps(STEPS)}),),
        {"tasks": 2, "unguarded": ("Pay",), "keeps_history": True, "logs": False},
    ),
    (
        "a state machine whose definition is broken",
        Workflow,
        (("aws_sfn_state_machine.pay", {"name": "pay", "type": "EXPRESS", "definition": "{}"}),),
        {"tasks": Unread("definition is no state machine"), "keeps_history": False},
    ),
    (
        "a user pool",
        UserDirectory,
        (("aws_cognito_user_pool.people", {"name": "people", "deletion_protection": "ACTIVE"}),),
        {"name": "people", "deletion_protection": True, "replica_regions": ()},
    ),
    (
        "an App Runner service with its scaling",
        ComputeGroup,
        (
            ("aws_apprunner_auto_scaling_configuration_version.few", {"arn": "arn:aws:apprunner:::few", "max_size": 4}),
            (
                "aws_apprunner_service.web",
                {"service_name": "web", "auto_scaling_configuration_arn": "arn:aws:apprunner:::few"},
            ),
        ),
        {"name": "web", "min_size": 1, "max_size": 4, "zone_redundant": True},
    ),
    (
        "an event endpoint",
        EventEndpoint,
        (
            (
                "aws_cloudwatch_event_endpoint.orders",
                {
                    "name": "orders",
                    "arn": f"arn:aws:events:{HERE}:endpoint/orders",
                    "event_bus": [
                        {"event_bus_arn": f"arn:aws:events:{region}:123456789012:event-bus/orders"}
                        for region in ("us-east-1", "us-west-2")
                    ],
                    "replication_config": [{"state": "DISABLED"}],
                    "routing_config": [
                        {
                            "failover_config": [
                                {
                                    "primary": [{"health_check": "arn:aws:route53:::healthcheck/h"}],
                                    "secondary": [{"route": "us-west-2"}],
                                }
                            ]
                        }
                    ],
                },
            ),
        ),
        {
            "regions": ("us-east-1", "us-west-2"),
            "replicates": False,
            "health_check": "arn:aws:route53:::healthcheck/h",
        },
    ),
    (
        "a delivery stream to a search domain that keeps what it refuses",
        DataFlow,
        (
            (
                "aws_kinesis_firehose_delivery_stream.logs",
                {
                    "name": "logs",
                    "destination": "opensearch",
                    "opensearch_configuration": [
                        {"s3_configuration": [{"bucket_arn": "arn:aws:s3:::kept"}], "retry_duration": 60}
                    ],
                },
            ),
        ),
        {
            "destination": "OpenSearch Service",
            "keeps_failed": True,
            "logs_errors": False,
            "retries_for": timedelta(seconds=60),
            "zone_redundant": True,
        },
    ),
    (
        "a delivery stream to a bucket",
        DataFlow,
        (
            (
                "aws_kinesis_firehose_delivery_stream.logs",
                {
                    "name": "logs",
                    "destination": "extended_s3",
                    "extended_s3_configuration": [{"cloudwatch_logging_options": [{"enabled": True}]}],
                },
            ),
        ),
        {"destination": "S3", "keeps_failed": None, "logs_errors": True, "retries_for": timedelta(hours=24)},
    ),
    (
        "a replication instance with an ongoing task",
        DataFlow,
        (
            (
                "aws_dms_replication_instance.copy",
                {"replication_instance_id": "copy", "replication_instance_arn": DMS, "multi_az": False},
            ),
            ("aws_dms_replication_task.cdc", {"replication_instance_arn": DMS, "migration_type": "cdc"}),
        ),
        {"name": "copy", "continuous": True, "zone_redundant": False},
    ),
    (
        "a serverless replication that runs once",
        DataFlow,
        (
            (
                "aws_dms_replication_config.once",
                {
                    "replication_config_identifier": "once",
                    "replication_type": "full-load",
                    "compute_config": [{"multi_az": True}],
                },
            ),
        ),
        {"name": "once", "continuous": False, "zone_redundant": True},
    ),
    (
        "a stream that keeps records for a week",
        StreamRetention,
        (
            (
                "aws_kinesis_stream.clicks",
                {"arn": f"arn:aws:kinesis:{HERE}:stream/clicks", "name": "clicks", "retention_period": 168},
            ),
        ),
        {"period": timedelta(hours=168), "about": (f"arn:aws:kinesis:{HERE}:stream/clicks",)},
    ),
)

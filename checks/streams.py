"""Data in motion has no backup: a record that a stream drops before it was read, or that a delivery gives up, is lost.

A consumer that stops is harmless for as long as the stream keeps what it has not read. After that every minute of the
outage is a minute of lost records.
"""

from datetime import timedelta

from checks._check import check
from checks._facts import DataFlow, StreamRetention, known
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed
from checks._nouns import subject
from checks._words import duration

_LONGEST_OUTAGE = timedelta(hours=72)  # from Friday evening to Monday morning, and some hours to catch up
_SHORTEST_RETRY = timedelta(minutes=5)  # a failover or a restart of the destination is over by then


@check(
    id="ST01",
    title="Stream keeps records for at least 3 days",
    severity=Severity.MEDIUM,
    lesson="On 25 November 2020 Kinesis in us-east-1 was impaired for 17 hours: at the default retention of 24 hours, "
    "consumers had 7 hours to catch up. One that stops on a Friday evening and is noticed on Monday is 60 hours behind.",
    remediation="Run `aws kinesis increase-stream-retention-period --stream-name NAME --retention-period-hours 168`: "
    "every retention above 24 hours and up to 7 days has one price.",
    docs="https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html",
)
def kept_past_an_outage(service: Service, retention: StreamRetention) -> Verdict:
    """Compare with 3 days, or with the service's RTO if that is longer."""
    period = known(retention.period)
    needed = max(_LONGEST_OUTAGE, service.rto_target or _LONGEST_OUTAGE)
    if period >= needed:
        return passed(f"{subject(retention)} keeps records for {duration(period)}", hours=_hours(period))
    return failed(
        f"{subject(retention)} keeps records for {duration(period)}; a consumer that is down for longer loses data "
        f"(minimum {duration(needed)})",
        hours=_hours(period),
    )


def _hours(period: timedelta) -> int:
    return int(period.total_seconds()) // 3600


@check(
    id="ST02",
    title="Continuous replication or delivery is multi-AZ",
    severity=Severity.MEDIUM,
    lesson="On 22 December 2021 use1-az4 lost power: a replication instance there stopped, and its target fell behind "
    "until somebody created another. Logs that the source deletes meanwhile force a full reload.",
    remediation="DMS: `aws dms modify-replication-instance --replication-instance-arn ARN --multi-az "
    "--apply-immediately`; serverless: `aws dms modify-replication-config --compute-config MultiAZ=true`.",
    docs="https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.html",
)
def flow_zones(_: Service, flow: DataFlow) -> Verdict:
    """Apply to what runs without end; a migration that is repeated after a failure loses time only."""
    if flow.zone_redundant is True:
        return passed(f"{subject(flow)} is multi-AZ")
    if not known(flow.continuous):
        return not_applicable(f"{subject(flow)} carries no ongoing changes")
    known(flow.zone_redundant)
    return failed(f"{subject(flow)} is single-AZ; losing that AZ stops the replication")


@check(
    id="ST03",
    title="Records that cannot be delivered are kept, and the errors are logged",
    severity=Severity.MEDIUM,
    lesson="A changed mapping in the search cluster makes it refuse every record: the delivery stream sets them aside "
    "in a bucket that nobody looks into, and months later a report has a hole.",
    remediation="Data Firehose: `aws firehose update-destination` with `S3BackupMode`, a backup bucket and "
    "`CloudWatchLoggingOptions={Enabled=true}`; add an alarm on the delivery success metric.",
    docs="https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html",
)
def failed_records_kept(_: Service, flow: DataFlow) -> Verdict:
    """Apply to deliveries that can be refused."""
    keeps, logs = flow.keeps_failed, flow.logs_errors
    if keeps is None and logs is None:
        return not_applicable(f"{subject(flow)} has no setting for records that it cannot deliver")
    if keeps is False:
        return failed(f"{subject(flow)} drops records that {_destination(flow)} refuses")
    if logs is False:
        return failed(f"{subject(flow)} does not log delivery errors; nobody learns that records are refused")
    known(keeps), known(logs)
    return passed(f"{subject(flow)} keeps records that it cannot deliver, and logs the errors")


@check(
    id="ST04",
    title="Delivery is retried for at least 5 minutes",
    severity=Severity.LOW,
    lesson="A destination that fails over is away for a minute or two. With no retries, every record of these minutes "
    "is set aside, and somebody has to deliver it by hand.",
    remediation="Data Firehose: `aws firehose update-destination` with `RetryOptions={DurationInSeconds=3600}`.",
    docs="https://docs.aws.amazon.com/firehose/latest/dev/retry.html",
)
def retried(_: Service, flow: DataFlow) -> Verdict:
    """Apply to deliveries with a retry duration."""
    period = known(flow.retries_for)
    if period is None:
        return not_applicable(f"{subject(flow)} has no retry duration to set")
    seconds = int(period.total_seconds())
    if period >= _SHORTEST_RETRY:
        return passed(f"{subject(flow)} retries a delivery for {duration(period)}", seconds=seconds)
    tried = f"retries a delivery for {duration(period)}" if seconds else "does not retry a delivery"
    return failed(f"{subject(flow)} {tried}; a failover of {_destination(flow)} takes longer", seconds=seconds)


def _destination(flow: DataFlow) -> str:
    return flow.destination or "its destination"

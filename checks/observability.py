"""An outage that nobody notices lasts until a customer complains. Detection needs a signal, a threshold and a person who is notified.

On 20 October 2025 the provider's first public statement came 23 min after the fault, on 7 December 2021 after 53 min:
your own signals are faster.
"""

from collections.abc import Iterable, Sequence

from checks._alerting import but_broken, first_notifying, lost_with, places_watching, watches_store
from checks._check import check
from checks._facts import (
    Alarm,
    ComputeGroup,
    ComputeKind,
    Datastore,
    Deployment,
    Gateway,
    HealthCheck,
    LoadBalancer,
    NotKnownError,
    SignalKind,
    StoreKind,
    Topic,
    Workflow,
    known,
    settling,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed
from checks._nouns import named, not_primary, subject
from checks._places import as_far_as_read, region_names, running_as_far_as_read
from checks._words import counted


def _judge_signal(
    service: Service,
    runs: Iterable[ComputeGroup | LoadBalancer | Gateway],
    alarms: Sequence[Alarm],
    kinds: tuple[SignalKind, ...],
) -> Verdict:
    what = kinds[0].value
    alarm = first_notifying(alarm for alarm in alarms if alarm.measures(*kinds))
    if alarm is not None:
        told = {"alarm": alarm.name, "matched_by": alarm.watches[0] if alarm.watches else None}
        return passed(f"{subject(alarm)} notifies someone of {what} of {service.name}", **told)
    watched = any(alarm.monitor for alarm in alarms)  # what a monitoring system watches runs somewhere
    if not watched and not any(True for _ in runs):
        return not_applicable(f"No resource of {service.name} that serves requests found")
    broken = but_broken(alarm for alarm in alarms if alarm.measures(*kinds))
    return failed(f"No alarm on {what} of {service.name} notifies anyone{broken}")


@check(
    id="OB01",
    title="An alarm on errors notifies someone",
    severity=Severity.HIGH,
    lesson="Without it the first sign is a customer complaint: on 25 November 2020 even the provider's own "
    "monitoring was part of what had failed.",
    remediation="Create an alarm with `aws cloudwatch put-metric-alarm` on HTTPCode_Target_5XX_Count, Lambda Errors "
    "or 5XXError; set `--alarm-actions` to an SNS topic with a confirmed subscription.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
)
def errors_alarm(
    service: Service,
    alarms: tuple[Alarm, ...],
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
) -> Verdict:
    """Accept an alarm on errors or availability of any resource of the service."""
    return _judge_signal(service, compute + balancers + gateways, alarms, (SignalKind.ERRORS, SignalKind.AVAILABILITY))


@check(
    id="OB02",
    title="An alarm on latency notifies someone",
    severity=Severity.MEDIUM,
    lesson="Many outages are slow before they are down: on 7 December 2021 congestion raised latency first, and "
    "retries did the rest.",
    remediation="Create an alarm with `aws cloudwatch put-metric-alarm --metric-name TargetResponseTime "
    "--extended-statistic p99` (API Gateway: Latency; Lambda: Duration).",
    docs="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
)
def latency_alarm(
    service: Service,
    alarms: tuple[Alarm, ...],
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
) -> Verdict:
    """Accept an alarm on the latency of any resource of the service."""
    return _judge_signal(service, compute + balancers + gateways, alarms, (SignalKind.LATENCY,))


@check(
    id="OB03",
    title="An alarm on saturation notifies someone",
    severity=Severity.MEDIUM,
    lesson="The Kinesis outage of 25 November 2020 was a thread limit that was reached: saturation comes before "
    "failure.",
    remediation="Create an alarm with `aws cloudwatch put-metric-alarm` on CPUUtilization, MemoryUtilization, "
    "ConcurrentExecutions or ApproximateAgeOfOldestMessage.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
)
def saturation_alarm(
    service: Service,
    alarms: tuple[Alarm, ...],
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
) -> Verdict:
    """Accept an alarm on the saturation of any resource of the service."""
    return _judge_signal(service, compute + balancers + gateways, alarms, (SignalKind.SATURATION,))


@check(
    id="OB04",
    title="Primary datastore has an alarm that notifies someone",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 the database's DNS name failed: teams with an alarm on the database knew at 06:49 UTC "
    "what the status page said at 08:26 UTC.",
    remediation="Create an alarm with `aws cloudwatch put-metric-alarm` on SystemErrors or ThrottledRequests "
    "(DynamoDB), FreeStorageSpace and DatabaseConnections (RDS), with the datastore's name as the dimension.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
)
def store_alarm(_: Service, store: Datastore, stores: tuple[Datastore, ...], alarms: tuple[Alarm, ...]) -> Verdict:
    """Accept alarms that watch this datastore: by name, or by the metrics of its engine where it is the only one."""
    if not store.primary:
        return not_applicable(not_primary(store))
    if store.kind is StoreKind.FILE:
        return not_applicable(f"{subject(store)} is a file system")
    others, more = as_far_as_read(stores)
    others = others if more is None else []
    alarm = first_notifying(alarm for alarm in alarms if watches_store(alarm, store, others))
    if alarm is not None:
        return passed(f"{subject(alarm)} watches {named(store)} and notifies someone", alarm=alarm.name)
    broken = but_broken(alarm for alarm in alarms if watches_store(alarm, store, others))
    return failed(f"No alarm on {named(store)} notifies anyone{broken}")


@check(
    id="OB05",
    title="Alarm has its actions enabled",
    severity=Severity.LOW,
    lesson="Alarms muted for one deployment stay muted, and a missing notification is not noticed.",
    remediation="Run `aws cloudwatch enable-alarm-actions --alarm-names NAME`; delete alarms that are not needed.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
)
def alarm_enabled(_: Service, alarm: Alarm) -> Verdict:
    """Judge whether the actions of the alarm are enabled; an alert of a monitoring system is enabled as a whole."""
    what = "is" if alarm.monitor else "has its actions"
    if known(alarm.enabled):
        return passed(f"{subject(alarm)} {what} enabled", metric=alarm.metric)
    return failed(f"{subject(alarm)} {what} disabled and notifies no one", metric=alarm.metric)


@check(
    id="OB06",
    title="Topic has a subscriber",
    severity=Severity.MEDIUM,
    lesson="An alarm that publishes to a topic without subscribers looks correct in every list and notifies no one.",
    remediation="Run `aws sns subscribe --topic-arn ARN --protocol https --notification-endpoint URL` and confirm "
    "the subscription.",
    docs="https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html",
)
def topic_subscribed(_: Service, topic: Topic) -> Verdict:
    """Count the confirmed subscriptions."""
    count = known(topic.subscriptions)
    if count > 0:
        return passed(f"{subject(topic)} has {counted(count, 'subscriber')}", subscriptions=count)
    return failed(f"{subject(topic)} has no subscriber; messages published to it are lost", subscriptions=0)


@check(
    id="OB07",
    title="Service is monitored from outside its region",
    severity=Severity.MEDIUM,
    lesson="On 25 November 2020 CloudWatch failed together with the services it monitored: alarms in the failed "
    "region stop, and silence looks like health.",
    remediation="Add a health check from elsewhere (`aws route53 create-health-check`), or an alarm in another region "
    "(`aws cloudwatch put-metric-alarm --region`) on a canary there (`aws synthetics create-canary --region`).",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover.html",
    needs_all_regions="to fail",
)
def watched_from_outside(
    service: Service,
    probes: tuple[HealthCheck, ...],
    alarms: tuple[Alarm, ...],
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """Accept a health check of a global service, or an alarm in a region where the service does not run."""
    doubt: NotKnownError | None = None
    try:
        probe = settling(None if probe.disabled else probe for probe in probes)
        if probe is not None:
            return passed(f"{subject(probe)} monitors {service.name} from outside", target=probe.target)
    except NotKnownError as reason:
        doubt = reason
    running, more_running = running_as_far_as_read(compute, deployments)
    if not running:
        if doubt := doubt or more_running:
            raise doubt  # a probe that cannot be read may be what counts
        return not_applicable(f"No running resources of {service.name} found")
    watching, unread = places_watching(alarms)
    outside = {at for at in watching if not any(lost_with(place, at) for place in running)}
    if len({at for at in watching if at[1]}) > 1 or (outside and more_running is None):
        return passed(f"Alarms on {service.name} run in {region_names(watching)}")
    doubt = doubt or unread or (more_running if outside else None)
    if doubt is not None:
        raise doubt
    return failed(
        f"{service.name} is monitored only from inside {region_names(running)}, where it runs; an outage there "
        "silences its alarms"
    )


@check(
    id="OB08",
    title="Machine has detailed monitoring (1 min) enabled",
    severity=Severity.LOW,
    lesson="A 5 min metric that needs three data points alarms after 15 min; users notice at once.",
    remediation="Run `aws ec2 monitor-instances --instance-ids ID`; in a launch template set `Monitoring: {Enabled: "
    "true}`.",
    docs="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-detailed-monitoring.html",
)
def every_minute(_: Service, group: ComputeGroup) -> Verdict:
    """Apply to products with this setting."""
    if group.detailed_monitoring is None or group.kind is ComputeKind.FUNCTION:
        return not_applicable(f"{subject(group)} has no detailed monitoring setting")
    if group.kind is ComputeKind.MACHINE and group.running == 0:
        return not_applicable(f"{subject(group)} does not run")
    if group.detailed_monitoring:
        return passed(f"{subject(group)} reports metrics every minute")
    return failed(f"{subject(group)} reports metrics every 5 min; an alarm on them is late")


@check(
    id="OB09",
    title="Alarm has an action or triggers an alarm that has one",
    severity=Severity.LOW,
    lesson="An alarm without an action changes colour on a page that nobody looks at during the night.",
    remediation="Set an action: `aws cloudwatch put-metric-alarm --alarm-actions TOPIC_ARN`, or name the alarm in the "
    "rule of a composite alarm that notifies someone.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
)
def alarm_acts(_: Service, alarm: Alarm) -> Verdict:
    """Apply to alarms whose actions are enabled; disabled ones are OB05, and whom an action reaches is OB01 to OB04 and OB13."""
    if alarm.monitor:
        return not_applicable(f"{subject(alarm)} has receivers instead of actions")
    if not known(alarm.enabled):
        return not_applicable(f"{subject(alarm)} has its actions disabled")
    if len(alarm.actions) > 0 or known(alarm.reaches_someone):
        return passed(f"{subject(alarm)} has an action", actions=len(alarm.actions))
    return failed(f"{subject(alarm)} has no action and notifies no one", metric=alarm.metric)


@check(
    id="OB10",
    title="Workflow keeps or logs the history of its runs",
    severity=Severity.LOW,
    lesson="An express workflow without logging leaves no trace of a failed run: after an outage nobody can tell which "
    "orders have to be repeated.",
    remediation="Run `aws stepfunctions update-state-machine --state-machine-arn ARN --logging-configuration "
    "level=ERROR,destinations=[{cloudWatchLogsLogGroup={logGroupArn=ARN}}]`.",
    docs="https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
)
def workflow_history(_: Service, workflow: Workflow) -> Verdict:
    """Require logs where the product keeps no history itself."""
    if workflow.keeps_history:
        return passed(f"{subject(workflow)} keeps the history of its runs")
    if known(workflow.logs):
        return passed(f"{subject(workflow)} logs its failed runs")
    return failed(f"{subject(workflow)} logs nothing and keeps no history; failed runs leave no trace")

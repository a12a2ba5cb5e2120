"""An outage that nobody notices lasts until a customer complains. Noticing takes a signal, a threshold and somebody whom it reaches.

On 20 October 2025 the first public word came 23 minutes after the fault, on 7 December 2021 after 53: own signals are faster.
"""

from collections import defaultdict
from collections.abc import Iterable

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
    known,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed
from checks._places import Place, region_names, running_in
from checks._words import counted, listed


def _first_that_reaches(alarms: Iterable[Alarm]) -> Alarm | None:
    """An enabled alarm that reaches someone, None where there is none.

    Raises:
        NotKnownError: none was seen, and whom some of them reach could not be read.
    """
    doubt: NotKnownError | None = None
    for alarm in alarms:
        try:
            if alarm.enabled and known(alarm.reaches_someone):
                return alarm
        except NotKnownError as reason:
            doubt = reason
    if doubt is not None:
        raise doubt
    return None


def _judge(
    service: Service, runs: Iterable[ComputeGroup | LoadBalancer | Gateway], alarms: Iterable[Alarm], what: str
) -> Verdict:
    alarm = _first_that_reaches(alarms)
    if alarm is not None:
        return passed(f"{alarm.name} tells somebody of {what} of {service.name}", alarm=alarm.name)
    if not any(True for _ in runs):
        return not_applicable(f"Nothing of {service.name} that serves requests was seen")
    return failed(f"No alarm on {what} of {service.name} reaches anybody")


@check(
    id="OB01",
    title="An alarm on errors reaches someone",
    severity=Severity.HIGH,
    lesson="Without one the first sign is a customer: on 25 November 2020 even the provider's own monitoring was part of "
    "what had failed.",
    remediation="`aws cloudwatch put-metric-alarm` on HTTPCode_Target_5XX_Count, Lambda Errors or 5XXError with "
    "`--alarm-actions` naming an SNS topic that has a confirmed subscription.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
)
def errors_alarm(
    service: Service,
    alarms: tuple[Alarm, ...],
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
) -> Verdict:
    """On errors or availability, of anything of the service."""
    mine = (alarm for alarm in alarms if alarm.signal in (SignalKind.ERRORS, SignalKind.AVAILABILITY))
    return _judge(service, compute + balancers + gateways, mine, "errors")


@check(
    id="OB02",
    title="An alarm on latency reaches someone",
    severity=Severity.MEDIUM,
    lesson="Much of an outage is slow before it is broken: on 7 December 2021 congestion raised latencies first, and retries "
    "made the rest.",
    remediation="`aws cloudwatch put-metric-alarm --metric-name TargetResponseTime --extended-statistic p99` (API Gateway: "
    "Latency; Lambda: Duration).",
    docs="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
)
def latency_alarm(
    service: Service,
    alarms: tuple[Alarm, ...],
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
) -> Verdict:
    """On latency of anything of the service."""
    mine = (alarm for alarm in alarms if alarm.signal is SignalKind.LATENCY)
    return _judge(service, compute + balancers + gateways, mine, "latency")


@check(
    id="OB03",
    title="An alarm on saturation reaches someone",
    severity=Severity.MEDIUM,
    lesson="The Kinesis outage of 25 November 2020 was a limit on threads that was reached: full comes before broken, for "
    "those who look.",
    remediation="`aws cloudwatch put-metric-alarm` on CPUUtilization, MemoryUtilization, ConcurrentExecutions or "
    "ApproximateAgeOfOldestMessage.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
)
def saturation_alarm(
    service: Service,
    alarms: tuple[Alarm, ...],
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
) -> Verdict:
    """On how full anything of the service is."""
    mine = (alarm for alarm in alarms if alarm.signal is SignalKind.SATURATION)
    return _judge(service, compute + balancers + gateways, mine, "saturation")


@check(
    id="OB04",
    title="Each primary datastore has an alarm that reaches someone",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 it was the database's name that went: whoever watched the database knew at 06:49 UTC what the "
    "status page said at 08:26.",
    remediation="`aws cloudwatch put-metric-alarm` on SystemErrors or ThrottledRequests (DynamoDB), FreeStorageSpace and "
    "DatabaseConnections (RDS), with the store's name as the dimension.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
)
def store_alarm(service: Service, store: Datastore, alarms: tuple[Alarm, ...]) -> Verdict:
    """Alarms about this store."""
    if not store.primary or store.kind is StoreKind.FILE:
        return not_applicable(f"{store.name} is no primary database")
    alarm = _first_that_reaches(alarm for alarm in alarms if store.resource in alarm.about)
    if alarm is not None:
        return passed(f"{alarm.name} watches {store.name} and reaches somebody", alarm=alarm.name)
    return failed(f"No alarm on {store.name} of {service.name} reaches anybody")


@check(
    id="OB05",
    title="No alarm is switched off",
    severity=Severity.LOW,
    lesson="Alarms silenced for one deployment stay silent; nobody is told about the absence of a message.",
    remediation="`aws cloudwatch enable-alarm-actions --alarm-names NAME`; delete what nobody wants to hear.",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
)
def alarm_enabled(service: Service, alarm: Alarm) -> Verdict:
    """Actions enabled."""
    if alarm.enabled:
        return passed(f"The alarm {alarm.name} is on", metric=alarm.metric)
    return failed(f"The alarm {alarm.name} of {service.name} is switched off", metric=alarm.metric)


@check(
    id="OB06",
    title="Topics have a subscriber",
    severity=Severity.MEDIUM,
    lesson="An alarm that goes to a topic without subscribers looks right in every list, and tells nobody.",
    remediation="`aws sns subscribe --topic-arn ARN --protocol https --notification-endpoint URL`, and confirm it.",
    docs="https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html",
)
def topic_subscribed(service: Service, topic: Topic) -> Verdict:
    """Confirmed subscriptions."""
    count = known(topic.subscriptions)
    if count > 0:
        return passed(f"{topic.name} has {counted(count, 'subscriber')}", subscriptions=count)
    return failed(f"What is sent to {topic.name} of {service.name} reaches nobody", subscriptions=0)


def _by_place(alarms: Iterable[Alarm]) -> dict[Place, list[Alarm]]:
    found: dict[Place, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        found[alarm.provider, alarm.region].append(alarm)
    return found


@check(
    id="OB07",
    title="Something outside of the region watches the service",
    severity=Severity.MEDIUM,
    lesson="On 25 November 2020 CloudWatch failed together with what it watched: alarms that stand in the region fall silent "
    "with it, and silence looks like health.",
    remediation="A health check from elsewhere (`aws route53 create-health-check`), a canary in another region "
    "(`aws synthetics create-canary --region`), or a probe in backstay.yaml.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover.html",
)
def watched_from_outside(
    service: Service,
    probes: tuple[HealthCheck, ...],
    alarms: tuple[Alarm, ...],
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """A health check of a global service, or an alarm in a region where the service does not run."""
    probe = next((one for one in probes if not one.disabled), None)
    if probe is not None:
        return passed(f"{probe.name} watches {service.name} from outside", target=probe.target)
    running = running_in(compute, deployments)
    if not running:
        return not_applicable(f"Nothing of {service.name} was seen to run anywhere")
    heard = {place for place, some in _by_place(alarms).items() if _first_that_reaches(some)}
    if len(heard) > 1 or heard - running:
        return passed(f"Alarms on {service.name} stand in {region_names(heard)}")
    return failed(f"All that watches {service.name} stands in {listed(region for _, region in running)} with it")


@check(
    id="OB08",
    title="Machines report every minute",
    severity=Severity.LOW,
    lesson="A five-minute metric with three data points to alarm notices after a quarter of an hour what users notice at once.",
    remediation="`aws ec2 monitor-instances --instance-ids ID`; in a launch template `Monitoring: {Enabled: true}`.",
    docs="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-detailed-monitoring.html",
)
def every_minute(service: Service, group: ComputeGroup) -> Verdict:
    """Where the product has the choice."""
    if group.detailed_monitoring is None or group.kind is ComputeKind.FUNCTION:
        return not_applicable(f"{group.name} has no such setting")
    if group.detailed_monitoring:
        return passed(f"{group.name} reports every minute")
    return failed(f"{group.name} of {service.name} reports every five minutes")

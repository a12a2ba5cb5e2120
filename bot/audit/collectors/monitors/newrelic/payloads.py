"""The parts of NerdGraph's answers that are read. Unknown members are ignored; an odd one costs its own object only.

Sources: https://docs.newrelic.com/docs/apis/nerdgraph/examples/nerdgraph-api-nrql-condition-alerts/ (conditions),
.../nerdgraph-api-alerts-policies/, .../nerdgraph-api-workflows/, .../nerdgraph-api-notifications-destinations/,
.../nerdgraph-api-notifications-channels/, and https://docs.newrelic.com/docs/workflow-automation/setup-and-configure/
actions-catalog/newrelic/alerts/newrelic-alerts-get-muting-rule/ (muting rules with condition and schedule).
"""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))]
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda value: () if value is None else tuple(map(str, value)))]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Nrql(_Payload):
    """What a condition queries."""

    query: Text = ""


class ConditionTerm(_Payload):
    """A threshold. `priority`: CRITICAL or WARNING."""

    priority: Text = ""


class ConditionPayload(_Payload):
    """A NRQL condition."""

    id: Text
    name: Text = ""
    enabled: bool | None = None
    policyId: Text = ""  # noqa: N815 - NerdGraph's name
    nrql: Annotated[Nrql, BeforeValidator(lambda value: value or {})] = Nrql()
    terms: Annotated[tuple[ConditionTerm, ...], BeforeValidator(lambda value: value or ())] = ()


class PolicyPayload(_Payload):
    """A policy: what groups conditions, and what workflows filter by."""

    id: Text
    name: Text = ""


class Predicate(_Payload):
    """A comparison of a workflow's filter, or of a muting rule's condition."""

    attribute: Text = ""
    operator: Text = ""
    values: Texts = ()


class Filter(_Payload):
    """All of the predicates have to hold for an issue; none: every issue."""

    predicates: Annotated[tuple[Predicate, ...], BeforeValidator(lambda value: value or ())] = ()


class DestinationConfiguration(_Payload):
    """Where a workflow sends issues, and at which of their changes."""

    channelId: Text = ""  # noqa: N815 - NerdGraph's name
    notificationTriggers: Texts = ()  # noqa: N815 - NerdGraph's name


class WorkflowPayload(_Payload):
    """A workflow: which issues go to which channels. `mutingRulesHandling`: what becomes of muted ones."""

    id: Text
    name: Text = ""
    workflowEnabled: bool | None = None  # noqa: N815 - NerdGraph's name
    destinationsEnabled: bool | None = None  # noqa: N815 - NerdGraph's name
    mutingRulesHandling: Text = ""  # noqa: N815 - NerdGraph's name
    issuesFilter: Annotated[Filter, BeforeValidator(lambda value: value or {})] = Filter()  # noqa: N815 - NerdGraph's name
    destinationConfigurations: Annotated[  # noqa: N815 - NerdGraph's name
        tuple[DestinationConfiguration, ...], BeforeValidator(lambda value: value or ())
    ] = ()


class ChannelPayload(_Payload):
    """A way to a destination, with the form of the message."""

    id: Text
    name: Text = ""
    type: Text = ""
    active: bool | None = None
    destinationId: Text = ""  # noqa: N815 - NerdGraph's name


class DestinationPayload(_Payload):
    """Where notifications go. `status`: DEFAULT, TESTED, or what is wrong with it."""

    id: Text
    name: Text = ""
    type: Text = ""
    active: bool | None = None
    status: Text = ""


class MutingCondition(_Payload):
    """The comparisons of a muting rule, joined by `operator` (AND, OR)."""

    operator: Text = "AND"
    conditions: Annotated[tuple[Predicate, ...], BeforeValidator(lambda value: value or ())] = ()


class MutingSchedule(_Payload):
    """When a muting rule applies, in its own time zone; without an end until somebody disables it."""

    startTime: Text = ""  # noqa: N815 - NerdGraph's name
    endTime: Text = ""  # noqa: N815 - NerdGraph's name
    timeZone: Text = ""  # noqa: N815 - NerdGraph's name
    repeat: Text = ""


class MutingRulePayload(_Payload):
    """A muting rule. `status`: ACTIVE, SCHEDULED, ENDED, INACTIVE."""

    id: Text
    name: Text = ""
    enabled: bool | None = None
    status: Text = ""
    condition: Annotated[MutingCondition, BeforeValidator(lambda value: value or {})] = MutingCondition()
    schedule: Annotated[MutingSchedule | None, BeforeValidator(lambda value: value or None)] = None

"""Whom an alert of a Datadog monitor notifies: by its message, by notification rules, and by composite monitors."""

from collections.abc import Iterator, Sequence

from bot.audit.collectors.monitors.datadog.handles import Handle, Reach, handles
from bot.audit.collectors.monitors.datadog.organisation import Organisation, WatchedMonitor
from bot.audit.collectors.monitors.datadog.payloads import MonitorPayload, RulePayload
from bot.audit.collectors.monitors.datadog.tag_queries import holds
from bot.audit.collectors.monitors.receivers import platform_of
from checks import Maybe, Unread


def recipients(subject: WatchedMonitor, organisation: Organisation) -> tuple[Maybe[tuple[str, ...]], Maybe[bool]]:
    """Whom an alert of a monitor notifies, by its message, by notification rules, and by composites that it makes alert."""
    found = {handle.text: handle for handle in _own_handles(subject.payload)}
    tags = {**subject.watched, **subject.tags}
    for rule, queries in organisation.parsed_rules:
        if all(holds(query, tags) for query in queries):
            for handle in _by_rule(rule):
                found.setdefault(handle.text, handle)
    for composite in organisation.composites.get(subject.payload.id, ()):
        for handle in _own_handles(composite):
            found.setdefault(handle.text, handle)
    always = [handle for handle in found.values() if not handle.only_if]
    if any(_is_person(handle, organisation) for handle in always):
        return tuple(found), True
    return tuple(found), _doubt(list(found.values()), organisation)


def _doubt(found: Sequence[Handle], organisation: Organisation) -> Maybe[bool]:
    """Whether handles that are no person's for certain reach someone."""
    for handle in found:
        if handle.only_if and _is_person(handle, organisation):
            return Unread(f"{handle.text} is notified only if {handle.only_if}")
    if machine := next((handle for handle in found if handle.reach is Reach.MACHINE), None):
        return Unread(f"whom {machine.text} notifies cannot be read; name it under people: if it reaches a person")
    if organisation.unread_rules:
        return Unread(organisation.unread_rules)
    return False


def _own_handles(payload: MonitorPayload) -> Iterator[Handle]:
    yield from handles(payload.message, payload.priority)
    escalation = payload.options.get("escalation_message")
    if payload.options.get("renotify_interval") and isinstance(escalation, str):
        for handle in handles(escalation, payload.priority):
            yield Handle(handle.text, handle.reach, handle.only_if or "the alert goes on")


def _by_rule(rule: RulePayload) -> Iterator[Handle]:
    """The handles that a rule notifies. Its recipients are written as in a message, without `@`."""
    attributes = rule.attributes
    for name in attributes.recipients:
        yield from handles(f"@{name.lstrip('@')}")
    conditional = attributes.conditional_recipients
    for entry in conditional.conditions:
        always = entry.scope.replace(" ", "") in ("transition_type:alert", "transition_type:is_alert")
        for handle in (found for name in entry.recipients for found in handles(f"@{name.lstrip('@')}")):
            yield handle if always else Handle(handle.text, handle.reach, entry.scope)
    for name in conditional.fallback_recipients:
        for handle in handles(f"@{name.lstrip('@')}"):
            yield Handle(handle.text, handle.reach, "no condition of the rule holds")


def _is_person(handle: Handle, organisation: Organisation) -> bool:
    return handle.reach is Reach.PERSON or handle.text.lstrip("@").lower() in organisation.people


def recipients_run_on(receivers: Sequence[str], organisation: Organisation) -> tuple[tuple[str, ...], ...]:
    """The clouds or scopes that each receiver's provider runs on, empty where not known."""
    return tuple(organisation.runs_on.get(_saas_of(receiver), ()) for receiver in receivers)


def _saas_of(receiver: str) -> str:
    """The provider behind a handle: `@slack-ops` is Slack's, `@oncall-team` Datadog's own."""
    word = receiver.lstrip("@").partition("-")[0].lower()
    return "datadog" if word == "oncall" else platform_of(word).provider

"""What changes production by itself: pipelines, groups that scale, automatic shifts of traffic."""

from collections.abc import Iterable

from checks._facts import ComputeGroup, Maybe, Pipeline, TrafficShift, Unread, known


def changes_production(facts: Iterable[Pipeline | ComputeGroup | TrafficShift]) -> bool:
    """Whether one of these changes production; a setting that could not be read hides no other that does."""
    unread: list[Unread] = []
    for fact in facts:
        changes = _changes(fact)
        if changes is True:
            return True
        unread += [changes] if isinstance(changes, Unread) else []
    return bool(unread) and bool(known(unread[0]))


def _changes(fact: Pipeline | ComputeGroup | TrafficShift) -> Maybe[bool]:
    if isinstance(fact, Pipeline):
        return True
    if isinstance(fact, TrafficShift):
        return fact.automatic if isinstance(fact.automatic, Unread) else bool(fact.automatic)
    if isinstance(fact.min_size, Unread):
        return fact.min_size
    if isinstance(fact.max_size, Unread):
        return fact.max_size
    return fact.max_size is not None and fact.max_size != fact.min_size

"""Dependencies outside the catalogue: scopes of a cloud, and SaaS by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from checks._loss import Fate, Loss
from checks._model import Dependency, Scope

RunsOn = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ExternalDependencies:
    """The lost scope, and where each SaaS is documented to run."""

    loss: Loss
    runs_on: RunsOn

    def fate(self, dependency: Dependency) -> tuple[Fate, str]:
        """What happens to the dependency itself, and why."""
        target = _scope(dependency.target)
        own, why = _of_scope(target, self.loss)
        if own is not Fate.UNAFFECTED or dependency.kind != "saas":
            return own, why
        return self._hosting(dependency.target)

    def _hosting(self, name: str) -> tuple[Fate, str]:
        places = [_scope(place) for place in self.runs_on.get(name.lower(), ())]
        lost = [place for place in places if self.loss.scope.covers(place)]
        if lost:
            whole = len(lost) == len(places)
            reason = f"{name} runs on {lost[0]}" if whole else f"part of {name} runs on {lost[0]}"
            return (Fate.DOWN if whole else Fate.DEGRADED), reason
        if self.loss.kind == "zone" or not self.loss.cloud:
            return Fate.UNAFFECTED, ""
        if not places:
            return Fate.UNKNOWN, f"unknown where {name} runs"
        wide = [place for place in places if place.covers(self.loss.scope)]
        if not wide:
            return Fate.UNAFFECTED, ""
        if len(places) > 1:
            return Fate.DEGRADED, f"part of {name} runs on {wide[0]}"
        return Fate.UNKNOWN, f"{name} runs on {wide[0]}; the region is unknown"


def related(places: Iterable[str], scope: Scope) -> bool:
    """Whether one of these places is in the scope or contains it."""
    scopes = [_scope(place) for place in places]
    return any(scope.covers(place) or place.covers(scope) for place in scopes)


def within(places: Iterable[str], scope: Scope) -> bool:
    """Whether one of these places is in the scope."""
    return any(scope.covers(_scope(place)) for place in places)


def _of_scope(target: Scope, loss: Loss) -> tuple[Fate, str]:
    if loss.scope.covers(target):
        return Fate.DOWN, f"{target} is lost"
    if target.covers(loss.scope):
        return Fate.DEGRADED, f"part of {target} is lost: {loss.scope}"
    return Fate.UNAFFECTED, ""


def _scope(text: str) -> Scope:
    try:
        return Scope.parse(text)
    except ValueError:
        return Scope(text.strip().lower())

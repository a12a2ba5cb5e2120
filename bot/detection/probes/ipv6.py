"""Decides when a probe over IPv6 alone says something: where this machine has a working IPv6 path, and the host an address."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.detection.probes.lookup import is_literal
from bot.detection.probes.probe import Probe, ProbeAnswer
from bot.model.signals import Health

INTERVAL = 60.0
"""Seconds between two probes over IPv6, at least."""
NO_ADDRESS = timedelta(hours=1)
"""How long a host without an IPv6 address is not looked up again."""


@dataclass(slots=True)
class Ipv6Path:
    """What is known of IPv6 from here. `proven`: a member of the control group answered over it since the start."""

    proven: bool = False
    _without: dict[str, datetime] = field(default_factory=dict)

    def worth_probing(self, probe: Probe, now: datetime) -> bool:
        """Whether a probe over IPv6 can say anything now. The control group is always probed: it proves the path."""
        if probe.control:
            return True
        return (
            self.proven and now - self._without.get(probe.host, datetime.min.replace(tzinfo=now.tzinfo)) >= NO_ADDRESS
        )

    def weigh(self, probe: Probe, answer: ProbeAnswer, now: datetime) -> ProbeAnswer:
        """The answer, as far as it counts: a machine that never had IPv6 has lost nothing."""
        if answer.state is Health.UNKNOWN:
            self._without[probe.host] = now
        if not probe.control:
            return answer
        self.proven = self.proven or answer.state is Health.GOOD
        if self.proven or answer.state is Health.UNKNOWN:
            return answer
        return ProbeAnswer(Health.UNKNOWN, "no working IPv6 path")


def ipv6_twins(probes: Iterable[Probe]) -> tuple[Probe, ...]:
    """The same probes over IPv6 alone, for those whose host is a name."""
    return tuple(
        replace(probe, family="ipv6", interval=max(probe.interval, INTERVAL))
        for probe in probes
        if probe.kind != "dns" and not is_literal(probe.host)
    )

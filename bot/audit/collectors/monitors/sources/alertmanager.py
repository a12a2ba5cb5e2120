"""Alertmanager: whom each alert reaches, by its configuration and its silences.

Shapes: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (status, silences). The configuration comes in YAML
with its secrets masked.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from bot.audit.collectors.monitors.alertmanager.contacts import receivers_of
from bot.audit.collectors.monitors.alertmanager.intervals import IntervalError, read_intervals
from bot.audit.collectors.monitors.alertmanager.matchers import LabelMatcher, MatcherError, matchers_of
from bot.audit.collectors.monitors.alertmanager.routes import route_tree
from bot.audit.collectors.monitors.alertmanager.routing import Inhibition, RouteTree, Silence
from bot.audit.collectors.monitors.alertmanager.silences import active_silences
from bot.audit.collectors.monitors.alertmanager.yaml_text import read_yaml
from bot.audit.collectors.monitors.reader import MonitorReader
from bot.audit.collectors.monitors.source import MonitorReading, MonitorSource
from bot.net.read_error import ReadError
from checks import Maybe, Unread

STATUS: Final = "/api/v2/status"
SILENCES: Final = "/api/v2/silences"


async def read(reader: MonitorReader) -> MonitorReading:
    """Read configuration and silences side by side.

    Raises:
        ReadError: the configuration cannot be read.
    """
    status, silences = await asyncio.gather(
        reader.attempt(reader.get(STATUS, STATUS)), reader.maybe(active_silences(reader, SILENCES))
    )
    if isinstance(status, ReadError):
        raise status
    config = status.get("config") if isinstance(status, Mapping) else None
    text = config.get("original") if isinstance(config, Mapping) else None
    if not isinstance(text, str) or not text.strip():
        raise ReadError(STATUS, f"{STATUS} answered without a configuration", "NotUnderstood")
    return MonitorReading(routing=await asyncio.to_thread(_tree, reader, text, silences))


def _tree(reader: MonitorReader, text: str, silences: Maybe[list[Silence]]) -> RouteTree:
    """The tree of a configuration.

    Raises:
        ReadError: it cannot be understood as a whole.
    """
    try:
        config = read_yaml(text)
        return RouteTree(
            root=route_tree(config.get("route"), matchers_of),
            receivers=receivers_of(config.get("receivers"), reader.runs_on, reader.access.people),
            intervals=read_intervals(config.get("mute_time_intervals")) | read_intervals(config.get("time_intervals")),
            silences=silences,
            inhibitions=[_inhibition(row) for row in config.get("inhibit_rules") or () if isinstance(row, Mapping)],
            now=reader.now,
            runs_on=reader.access.runs_on or Unread(_NOWHERE.format(reader.access.name)),
        )
    except (MatcherError, IntervalError, ValueError) as error:
        raise ReadError(STATUS, f"its configuration cannot be understood: {error}", "NotUnderstood") from None


def _inhibition(row: Mapping[str, Any]) -> Inhibition:
    def side(prefix: str) -> tuple[LabelMatcher, ...]:
        return matchers_of({key.removeprefix(prefix): value for key, value in row.items() if key.startswith(prefix)})

    equal = row.get("equal")
    return Inhibition(side("source_"), side("target_"), tuple(map(str, equal)) if isinstance(equal, list) else ())


_NOWHERE: Final = "where {} runs is not known; set `runs_on:` of that monitor in backstay.yaml"
_GRANT: Final = "let the token read it: Mimir and gateways grant it with the role that reads alerts (alerts:read)"
SOURCE = MonitorSource(
    kind="alertmanager",
    title="Alertmanager",
    read=read,
    receives=True,
    grants={STATUS: _GRANT, SILENCES: _GRANT},
    least_privilege=(
        "Alertmanager has no users of its own: put a reverse proxy before it that lets a token `GET` the paths `/api/v2/status` and "
        "`/api/v2/silences`, and nothing else; a `POST` to `/api/v2/silences` would mute alerts. Mimir and Grafana Cloud: an access "
        "policy with the scope `alerts:read`, and `url:` with the prefix of Alertmanager (`https://mimir.example/alertmanager`)."
    ),
)

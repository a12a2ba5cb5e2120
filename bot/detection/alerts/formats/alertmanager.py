"""Prometheus Alertmanager's webhook: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config (version 4)."""

from pydantic import Field

from bot.detection.alerts.fields import Labels, OneLine
from bot.detection.alerts.format import Alerts, ParseContext, ParsedAlerts, PayloadModel, parse_body

AUTH_METHODS = ("token",)


class Alert(PayloadModel):
    """One alert of a notification."""

    status: OneLine = ""
    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)
    generatorURL: OneLine = ""  # noqa: N815 - the sender's word
    fingerprint: OneLine = ""


class Body(PayloadModel):
    """A notification: a group of alerts, firing and resolved."""

    alerts: list[Alert]
    commonLabels: Labels = Field(default_factory=dict)  # noqa: N815 - the sender's word
    status: OneLine = ""
    truncatedAlerts: int = 0  # noqa: N815 - the sender's word


BODY = Body


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """Return a signal for each alert.

    Raises:
        HookError: the body is not of this format, or no alert in it is firing or resolved.
    """
    group = parse_body(Body, body)
    alerts = Alerts(context)
    for number, alert in enumerate(group.alerts):
        where = f"alerts[{number}]"
        status = alert.status.lower() or group.status.lower()
        if status not in ("firing", "resolved"):
            alerts.unusable(where, "status must be firing or resolved")
            continue
        labels = {**group.commonLabels, **alert.labels}
        named = labels.get("alertname", "")
        alerts.add(
            where,
            id=alert.fingerprint or _fingerprint(alert.labels),
            firing=status == "firing",
            labels=labels,
            title=_title(named, alert.annotations),
            url=alert.generatorURL,
        )
    if group.truncatedAlerts:
        alerts.unusable("truncatedAlerts", f"the sender dropped {group.truncatedAlerts} alerts (max_alerts)")
    return alerts.result()


def _fingerprint(labels: dict[str, str]) -> str:
    """An alert's id if the sender gives none: all its labels."""
    return ",".join(f"{name}={labels[name]}" for name in sorted(labels))


def _title(named: str, annotations: dict[str, str]) -> str:
    summary = annotations.get("summary") or annotations.get("message") or annotations.get("description") or ""
    return ": ".join(part for part in (named, summary) if part) or "Unnamed alert"

"""Signals -> incidents -> the services of ours that they hit, and what to tell of it. Pure: no clock, no world."""

from bot.detection.feeds.to_signals import product, scopes_of, signals_of, windows_of
from bot.incidents.engine.affected import Estate, hit, severity_of
from bot.incidents.engine.dependency_merge import stand_on
from bot.incidents.engine.notification_rules import News, Told, alert_id, concerns, news, told_of, why_of
from bot.incidents.engine.observers import Witness
from bot.incidents.engine.places import places
from bot.incidents.engine.quorum import Level, Verdict
from bot.incidents.engine.step import OWN_NETWORK, Board, Window, step
from bot.incidents.engine.storm import common_cause
from bot.model.external_alerts import AT_MOST, NOWHERE, Firing, Hooked, hearing, nowhere
from bot.model.incident_costs import Toll, toll
from bot.model.thresholds import Policy

__all__ = [
    "AT_MOST",
    "NOWHERE",
    "OWN_NETWORK",
    "Board",
    "Estate",
    "Firing",
    "Hooked",
    "Level",
    "News",
    "Policy",
    "Told",
    "Toll",
    "Verdict",
    "Window",
    "Witness",
    "alert_id",
    "common_cause",
    "concerns",
    "hearing",
    "hit",
    "news",
    "nowhere",
    "places",
    "product",
    "scopes_of",
    "severity_of",
    "signals_of",
    "stand_on",
    "step",
    "told_of",
    "toll",
    "why_of",
    "windows_of",
]

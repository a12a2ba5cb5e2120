"""Signals -> incidents -> the services of ours that they hit, and what to tell of it. Pure: no clock, no world."""

from bot.incidents._affected import Estate, hit, severity_of
from bot.incidents._board import OWN_NETWORK, Board, Window, step
from bot.incidents._hooked import AT_MOST, NOWHERE, Firing, Hooked, hearing, nowhere
from bot.incidents._news import News, Told, alert_id, concerns, news, told_of, why_of
from bot.incidents._pages import product, scopes_of, signals_of, windows_of
from bot.incidents._places import places
from bot.incidents._policy import Policy
from bot.incidents._standing import stand_on
from bot.incidents._storm import common_cause
from bot.incidents._toll import Toll, toll
from bot.incidents._verdict import Level, Verdict
from bot.incidents._witness import Witness

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

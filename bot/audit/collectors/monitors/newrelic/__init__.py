"""Reads New Relic's answers: policies, conditions, workflows, channels, destinations and muting rules. Pure."""

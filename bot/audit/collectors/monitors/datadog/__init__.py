"""Reads Datadog's payloads: monitors, downtimes, service level objectives and notification rules. Pure."""

"""Probes the endpoints of our providers and services by DNS, TCP, TLS and HTTP, and AWS services by canary calls.

Takes the scopes that services run in and the endpoints from the settings, gives one `Signal` per probe and round. A probe
never raises, and never counts a denied or throttled call as a failure of the service.
"""

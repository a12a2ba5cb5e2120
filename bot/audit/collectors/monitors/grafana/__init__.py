"""Grafana's own alert rules: what they query, their state, and the alarms made of them."""

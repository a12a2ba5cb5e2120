"""The configuration of Alertmanager, and of Grafana in its shapes: the tree of routes, receivers, intervals, silences."""

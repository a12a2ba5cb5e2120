"""Portals: scores and failed checks of each service, pushed to Backstage, Port, OpsLevel and Cortex after each audit."""

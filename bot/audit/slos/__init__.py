"""Reads service level objectives from OpenSLO files, and how fast their error budgets burn from the metrics behind them."""

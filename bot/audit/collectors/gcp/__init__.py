"""Reads Google Cloud, mostly through Cloud Asset Inventory."""

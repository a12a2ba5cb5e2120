"""Builds routes from what audiences list, and what all kinds of routes share."""

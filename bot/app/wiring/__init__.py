"""Builds the parts of the product from settings: for `serve`, workers and the command line."""

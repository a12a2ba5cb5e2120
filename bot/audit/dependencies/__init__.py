"""Guesses what services depend on although nobody wrote it down, and adds to services what people confirmed."""

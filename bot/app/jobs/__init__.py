"""Recurring jobs of `serve`: they write scheduled posts, check backstay itself and send its heartbeat."""

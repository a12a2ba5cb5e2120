"""Detection: turns what happens outside into signals.

Takes status pages of providers, answers of endpoints and cloud APIs, and alerts of other monitoring. Gives `Signal`s (what is
good, bad or unknown, where and since when), `FeedReading`s and announced maintenance. It never decides that there is an
incident, never notifies anyone, and never counts a page or an endpoint that it could not read as healthy.
"""

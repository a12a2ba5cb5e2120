"""A simulated outside world: providers, resolvers, our own line and status pages, over time.

It knows nothing of backstay and imports nothing of it: what a probe gets to see is drawn at random from what the outside does
at the moment of the attempt.
"""

"""Reads the estate as it is built and turns it into facts, findings and a scorecard.

Takes the catalogue, cloud credentials and the ledger. Gives facts with their gaps, scorecards, what-if impacts and exports.
Never changes anything in a cloud, never counts missing facts as good, and never sends a message.
"""

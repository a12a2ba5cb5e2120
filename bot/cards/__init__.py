"""What backstay says, free of any platform, and how each platform draws it.

Takes scorecards, incidents, statuses and answers of commands. Gives cards, and their renderings for Slack, Teams, HTML,
plain text and the terminal within each platform's limits. Never does I/O, reads a clock, or decides who receives a card.
"""

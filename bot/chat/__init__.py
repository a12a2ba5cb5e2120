"""Turns what people type or press in Slack and Teams into commands, and the commands' cards into answers.

Takes command lines, button presses and submitted forms with their caller. Gives cards: progress first, the answer last.
Never evaluates anything itself: commands query and change the `Backend` alone. Never posts unasked: delivery does.
"""

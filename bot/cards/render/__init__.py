"""The renderers: a card as Slack Block Kit, Teams Adaptive Card, HTML, plain text or terminal output."""

"""Microsoft Teams: messages and card clicks become commands, and cards become messages that are updated in place."""

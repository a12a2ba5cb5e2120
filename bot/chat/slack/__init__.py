"""Slack: requests over HTTP or Socket Mode become commands, and cards become messages, modals and the App Home."""

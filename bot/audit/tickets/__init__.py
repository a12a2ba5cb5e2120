"""Tickets: failed findings in Jira, GitHub, GitLab or Linear, created, updated and closed as findings come and go."""

"""The HTTP server: chat endpoints, the operator API, webhooks of monitoring, liveness and readiness.

It takes HTTP requests, authenticates each before its body is parsed, and passes them to chat, audit or incidents. It
gives HTTP answers and lines of the audit log. It never decides anything about incidents or scores, and never sends
messages by itself.
"""

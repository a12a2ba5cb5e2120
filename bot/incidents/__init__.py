"""Turns signals into incidents, and incidents into notifications.

Takes signals of feeds, probes, canaries and webhooks, the estate as the last audit found it, and the actions of people
(acknowledge, assign, mute, escalate). Gives incidents with their affected services, messages in the outbox, and post-mortems.
Never calls a provider or a chat platform, and never sends a message itself: delivery does.
"""

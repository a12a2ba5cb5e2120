"""Canaries other than those of AWS: each makes one cheap, real request to a service that the settings name.

Each file is one kind. A canary changes nothing that anybody uses, and never counts a denied or throttled request as a failure of
the service. All requests go through the guarded HTTP client.
"""

"""AWS: one child process per audit reads accounts, regions and services, paced and retried."""

"""The ways out of backstay: HTTP through the egress policy, AWS calls, signatures, and text from outside made harmless.

It takes addresses, credentials and text from settings or from the network, and gives answers, results and plain text. It
never connects to an address that the egress policy did not check, and never puts an address or a secret into an error.
"""

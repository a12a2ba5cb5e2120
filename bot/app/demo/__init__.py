"""The example estate: a simulated AWS on this machine, so that backstay can be tried without an account."""

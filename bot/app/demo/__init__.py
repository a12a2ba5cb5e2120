"""The example estate: an AWS that answers on this machine, so that the whole line can be seen without any account."""

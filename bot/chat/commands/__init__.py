"""The commands, one file each and nothing else; every module registers its command with `@command`."""

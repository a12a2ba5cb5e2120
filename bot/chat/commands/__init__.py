"""The commands: one file a command, free of any platform. A file in this folder that uses `@command` is one."""

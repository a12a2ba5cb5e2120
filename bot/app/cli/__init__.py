"""The command line, one module for each subject: a command reads its options, calls the services and prints the answer."""

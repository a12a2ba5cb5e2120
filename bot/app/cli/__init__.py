"""The command line, one file a subject: each command says its options, hands them to the flows and prints the answer."""

"""The command line. stdout is data, stderr is narration; nothing heavy is imported for --help."""

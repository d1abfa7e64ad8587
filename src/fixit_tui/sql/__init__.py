"""SQL text, read and never re-emitted: splitting, quoting, classification, writes, predicates."""

"""Database calls in Python code, read from the syntax tree of the standard library."""

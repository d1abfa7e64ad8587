"""Edits of database calls in Python code."""

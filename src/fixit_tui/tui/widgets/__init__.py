"""Widgets and the pure functions that render model values as content."""

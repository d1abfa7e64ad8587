"""Screens: each composes widgets, holds its own keys and asks the app for jobs."""

"""The terminal app. It speaks to `engine.Session` and draws values of `model`; it holds no SQL."""

from __future__ import annotations

from fixit_tui.tui.app import FixitApp

__all__ = ["FixitApp"]

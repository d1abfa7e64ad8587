"""Diagnose: facts from everywhere, then every playbook over them."""

from __future__ import annotations

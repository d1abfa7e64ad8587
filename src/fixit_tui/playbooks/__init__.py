"""Playbooks as data: loading, rendering, running and ranking. The data is in `playbooks/`."""

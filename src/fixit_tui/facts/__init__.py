"""Everything the tool knows, as tables of facts."""

"""fixit-tui: from a refused write to an applied, verified fix."""

__version__ = "0.1.0"

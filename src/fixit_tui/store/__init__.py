"""What stays on this machine: settings, profiles, secrets and the ledger."""

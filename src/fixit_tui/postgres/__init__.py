"""The only importer of the driver."""

"""Systems of other companies that only tests need; those of the demo are in `sandbox/`."""

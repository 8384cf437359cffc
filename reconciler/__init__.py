"""Compares what should be with what is, and puts it right: plan, check, execute, record."""

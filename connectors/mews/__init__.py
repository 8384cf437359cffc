"""Mews."""

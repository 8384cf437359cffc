"""Apaleo."""

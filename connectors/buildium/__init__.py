"""Buildium."""

"""Cloudbeds."""

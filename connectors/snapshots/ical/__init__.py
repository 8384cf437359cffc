"""iCal feeds, read as a snapshot."""

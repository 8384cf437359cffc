"""Files that a PMS exports, read as a snapshot."""

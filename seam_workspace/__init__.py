"""The Seam side: the only place that imports the `seam` SDK."""

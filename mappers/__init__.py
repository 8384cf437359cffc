"""Records and policy become the Seam resources they ask for. Pure: no I/O, and now is an argument."""

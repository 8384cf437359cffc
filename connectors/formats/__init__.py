"""Bytes become events and rows: calendars and tables, in whatever code page, by whatever clocks."""

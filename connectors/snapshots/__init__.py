"""Sources that only tell what is there now: the files of an export, the calendars of short-let platforms."""

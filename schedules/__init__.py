"""When things run: the timetable, the jobs, and the worker of each connection that does them one after another."""

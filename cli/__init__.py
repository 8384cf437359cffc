"""The command line (click): a module for each subject, all of them listed in `cli.parser`."""

"""Files come and go: imports with their dry run, progress and report."""

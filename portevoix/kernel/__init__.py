"""Clock, jobs, registry, normalisers, the shell of every page. No tables, no domain."""

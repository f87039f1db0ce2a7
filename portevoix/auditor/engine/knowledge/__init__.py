"""What is known of trackers, companies, countries and laws: lists from packages, tables of our own. Judges nothing."""

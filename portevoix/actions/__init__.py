"""What a citizen does on the site: signs up, and later signs, pledges, answers."""

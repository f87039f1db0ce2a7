"""The pages of rights: those of citizens, and those of the staff who answer for them."""

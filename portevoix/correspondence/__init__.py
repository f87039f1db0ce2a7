"""The letters that the product writes by itself, in words that the campaign may make its own."""

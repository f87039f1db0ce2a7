"""What the demo campaign is made of: invented texts, drawn pictures, and the code that loads them."""

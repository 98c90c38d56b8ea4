"""What runs: the three flows and the highwater command."""

"""Scenario sets: risk-neutral and real-world, daily steps, counter-based random numbers."""

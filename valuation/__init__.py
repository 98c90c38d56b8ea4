"""The contract's law and the mathematics: pure functions over numbers and arrays."""

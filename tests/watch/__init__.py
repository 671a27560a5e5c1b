"""What watching says, tested."""

"""What two parts have agreed on, held from both sides."""

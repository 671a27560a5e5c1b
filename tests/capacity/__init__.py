"""What a site needs and costs, tested."""

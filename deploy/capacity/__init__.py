"""Capacity and cost: from a month's requests and bytes to lines, memory, disk and money."""

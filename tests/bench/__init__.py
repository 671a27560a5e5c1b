"""Speed and memory against the figures we promise and against peers; it judges from outside and imports nothing of the generator."""

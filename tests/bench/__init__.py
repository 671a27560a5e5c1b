"""Speed and memory against what we promise and against peers; judges from outside, imports nothing of the generator."""

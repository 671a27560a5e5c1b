"""What the command line does, one file a command: each takes plain values, does its work and gives what is to be said."""

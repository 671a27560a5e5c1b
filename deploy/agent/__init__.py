"""What a deploy does on the server: sent there through SSH, standard library only, gone when the deploy is over."""

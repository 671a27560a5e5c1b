"""The generator as its users see it: content folders in, files out; it knows the commands, not the code behind them."""

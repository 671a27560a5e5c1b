"""What runs on the server itself, out of the installed release: called by units, hooks and whoever deploys."""

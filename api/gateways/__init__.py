"""The ways out: Stripe, mail, the catalogue's file. None knows another, and none knows SQL."""

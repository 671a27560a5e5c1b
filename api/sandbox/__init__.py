"""The stand-in for Stripe that mode `sandbox` and the tests talk to through the real `stripe` client. Knows nothing of our shop."""

"""Tests of the stand-in for Stripe."""

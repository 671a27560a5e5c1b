"""The rules of the business as plain functions. They know no requests, no answers and no SQL."""

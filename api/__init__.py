"""The service: checkout, accounts and sync. It knows nothing of Markdown and pages."""

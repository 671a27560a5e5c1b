"""A machine as a pure function of its facts: one file a concern, each `resources(server) -> list[Resource]`."""

"""Values to contexts and bytes. Pure: the same context gives the same bytes, whatever the clock or the folder."""

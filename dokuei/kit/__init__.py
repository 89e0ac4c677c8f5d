"""Our thin helpers over Django: configuration, database scope, events, due times, live updates, the object store."""

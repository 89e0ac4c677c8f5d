"""Patient identity: issuer + patient ID inside one facility; nothing merges by itself."""

"""How much a facility may keep and for how long: quotas, retention, legal hold, and sweeping what nothing names."""

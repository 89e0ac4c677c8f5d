"""Templates of a facility's requests: what is the same for every patient, filled into what is still empty."""

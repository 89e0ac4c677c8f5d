"""Putting right what is held of a patient, and taking that back."""

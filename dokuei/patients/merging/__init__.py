"""Two rows of a facility that are one person: asked for, made, taken back."""

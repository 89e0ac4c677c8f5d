"""Dokuei (読影): a home-teleradiology service in a box. ARCHITECTURE.md tells the story of the rooms."""

__version__ = "0.1.0"

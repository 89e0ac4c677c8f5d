"""The one list of who listens to which news, and of what falls due."""


def connect() -> None:
    """Subscribe every handler; called once when Django is ready."""

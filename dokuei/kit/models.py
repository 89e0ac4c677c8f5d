"""One table: the heartbeat of background loops."""

from django.db import models


class Beat(models.Model):
    """When a background loop last went round; readiness and the watchdog look here."""

    name = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()

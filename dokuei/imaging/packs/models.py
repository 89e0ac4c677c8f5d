"""Where the packed frames of a series lie."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class Pack(models.Model):
    """Frames of some instances of a series in one object; never changed once it is there."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    study = models.ForeignKey("imaging.Study", on_delete=models.PROTECT, related_name="packs")
    series = models.ForeignKey("imaging.Series", on_delete=models.PROTECT, related_name="packs")
    store_key = models.CharField(max_length=200, blank=True)
    """Empty if nothing of these instances could be packed."""
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    index = models.JSONField()
    """Of each instance's id the frames: where the frame begins, then where each of its resolutions ends,
    counted from there; the last is the length."""
    left_out = models.JSONField()
    """Of each instance's id that could not be packed the reason's code; it is served as it came."""
    made_at = models.DateTimeField()

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_pack_with_frames_has_an_object",
                condition=~Q(store_key="") | Q(size_bytes=0),
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["study", "series"], name="imaging_pack_study")]

    def __str__(self) -> str:
        return f"pack:{self.pk}"

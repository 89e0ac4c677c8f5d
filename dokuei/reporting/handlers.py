"""What reporting does after a signature, and when an export falls due. Each may run twice."""

from datetime import datetime

from dokuei.reporting.events import ReportSigned
from dokuei.reporting.objects import services
from dokuei.reporting.objects.models import Export
from dokuei.reporting.objects.tasks import WRITER, queue_writing


def export_signed(event: ReportSigned, at: datetime) -> None:
    """Marks and key images of what was signed leave as DICOM objects."""
    services.queue_export(WRITER, event.report_id, event.version, at=at)


def on_export_due(export: Export, at: datetime) -> None:
    """Have the objects written in the background, and again later if that comes to nothing."""
    services.try_export(WRITER, export, at=at)
    queue_writing(export.pk)

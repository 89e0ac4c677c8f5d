"""News from reporting."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReportSigned:
    report_id: int
    facility_id: int
    version: int

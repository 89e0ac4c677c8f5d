"""`dokuei admin quota`, `retention` and `hold`: how much a facility keeps, for how long, and what must stay."""

import argparse
from typing import Any

from dokuei.base.errors import Invalid
from dokuei.hub.command_line import CLI, facility_id_of, in_scope, now


def add_parsers(acts: Any) -> None:
    """Add the commands to `dokuei admin`."""
    quota = acts.add_parser("quota", help="show or set how many bytes a facility may keep")
    quota.add_argument("facility", metavar="FACILITY")
    quota.add_argument("bytes", nargs="?", help="the new limit; none lifts it")
    quota.set_defaults(run=_quota)
    retention = acts.add_parser("retention", help="keep a facility's images so many days; none: for ever")
    retention.add_argument("facility", metavar="FACILITY")
    retention.add_argument("days")
    retention.set_defaults(run=_retention)
    hold = acts.add_parser("hold", help="legal hold: keep the images of a study whatever was contracted")
    hold.add_argument("facility", metavar="FACILITY")
    hold.add_argument("study_uid")
    hold.add_argument("--reason", required=True)
    hold.add_argument("--end", action="store_true", help="end the hold")
    hold.set_defaults(run=_hold)


@in_scope
def _quota(options: argparse.Namespace) -> int:
    from dokuei.imaging.queries import use_of
    from dokuei.imaging.services import set_quota

    facility_id = facility_id_of(options.facility)
    if options.bytes is not None:
        set_quota(CLI, facility_id=facility_id, quota_bytes=_limit(options.bytes), at=now())
    use = use_of(facility_id)
    most = "none" if use.quota_bytes is None else use.quota_bytes
    print(f"{options.facility}: {use.used_bytes} of {most} bytes, {use.instances} instances")
    return 0


@in_scope
def _retention(options: argparse.Namespace) -> int:
    from dokuei.imaging.services import set_retention

    days = _limit(options.days)
    set_retention(CLI, facility_id=facility_id_of(options.facility), days=days, at=now())
    print(f"{options.facility}: {'for ever' if days is None else f'{days} days'}")
    return 0


@in_scope
def _hold(options: argparse.Namespace) -> int:
    from dokuei.imaging.services import end_legal_hold, hold_legally

    act = end_legal_hold if options.end else hold_legally
    facility_id = facility_id_of(options.facility)
    act(CLI, facility_id=facility_id, study_uid=options.study_uid, reason=options.reason, at=now())
    print(f"{options.study_uid}: {'ended' if options.end else 'held'}")
    return 0


def _limit(text: str) -> int | None:
    """A whole number, or none; raise `Invalid` for anything else."""
    if text == "none":
        return None
    if not text.isdigit():
        raise Invalid("数値または none を指定してください。")
    return int(text)

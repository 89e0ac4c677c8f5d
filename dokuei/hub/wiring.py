"""The one list of who listens to which news, and of what falls due."""

from django.apps import apps

from dokuei.kit.due import Due, register
from dokuei.kit.events import subscribe


def connect() -> None:
    """Subscribe every handler and register every timer; called once when Django is ready."""
    from dokuei.delivery import handlers as delivery
    from dokuei.identity import handlers as identity
    from dokuei.identity.events import FacilityCreated
    from dokuei.imaging import events as imaging
    from dokuei.imaging import handlers as images
    from dokuei.intake import events as intake
    from dokuei.intake import handlers as requests
    from dokuei.patients import events as patients
    from dokuei.priors import handlers as priors
    from dokuei.priors.events import PriorsChanged
    from dokuei.reconciliation import handlers as reconciliation
    from dokuei.reporting import handlers as reporting
    from dokuei.reporting.events import ReportSigned
    from dokuei.worklist import handlers as worklist

    identity.connect()

    subscribe(FacilityCreated, reconciliation.begin_nights)
    subscribe(intake.RequestAccepted, worklist.open_for_request)
    subscribe(intake.RequestAccepted, requests.ask_what_is_missing)
    subscribe(intake.AskBackWaits, requests.mail_that_it_waits)
    subscribe(intake.RequestCancelled, worklist.cancel_for_request)
    subscribe(intake.RequestChanged, worklist.follow_changed)
    subscribe(intake.RequestMatched, worklist.look_at_matched)
    for waiting in (intake.RequestAccepted, intake.RequestChanged, intake.RequestCancelled):
        subscribe(waiting, requests.look_at_waiting)
    subscribe(intake.RequestMatched, requests.look_around)
    subscribe(intake.RequestCancelled, priors.close_for_request)
    subscribe(PriorsChanged, worklist.look_at_priors)
    for mended in (patients.PatientCorrected, patients.FamilyChanged):
        subscribe(mended, images.judge_patient)
        subscribe(mended, requests.look_at_patient)
    subscribe(imaging.StudyMoved, images.judge_moved)
    subscribe(imaging.StudyMoved, requests.look_at_patient)
    subscribe(imaging.StudyMoved, priors.look_at_study)
    for changed in (patients.FamilyChanged, imaging.StudyMoved):
        subscribe(changed, worklist.follow_patients)
    for news in (
        imaging.InstancesArrived,
        imaging.StudySettled,
        imaging.StudyCompleted,
        imaging.StudyHeld,
        imaging.StudyResolved,
    ):
        subscribe(news, worklist.look_again)
        subscribe(news, requests.look_at_images)
        subscribe(news, priors.look_at_study)
    for whole in (imaging.StudySettled, imaging.StudyCompleted, imaging.InstanceRepaired):
        subscribe(whole, images.on_study_whole)
        subscribe(whole, images.pack_study)
    for arrived in (imaging.InstancesArrived, imaging.StudyResolved):
        subscribe(arrived, images.ask_archive_soon)
    subscribe(ReportSigned, delivery.queue_signed)
    subscribe(ReportSigned, reporting.export_signed)

    _guard_and_time()


def _guard_and_time() -> None:
    """What retention must leave alone, and every timer."""
    from dokuei.delivery import handlers as delivery
    from dokuei.delivery.models import Delivery
    from dokuei.imaging import handlers as images
    from dokuei.imaging.models import Commitment, Study
    from dokuei.intake import handlers as intake
    from dokuei.intake.queries import studies_asked_about, studies_with_requests
    from dokuei.priors import handlers as priors
    from dokuei.priors.models import PriorSearch
    from dokuei.priors.queries import studies_wanted
    from dokuei.reconciliation import handlers as reconciliation
    from dokuei.reporting import handlers as reporting
    from dokuei.worklist import handlers as worklist
    from dokuei.worklist.models import Reading
    from dokuei.worklist.queries import studies_being_read

    for guard in (studies_asked_about, studies_being_read, studies_wanted):
        images.keep_images_of(guard)
    images.move_nothing_of(studies_with_requests)

    register(Due("study.settle", Study, "settle_due_at", images.on_settle_due))
    register(Due("commitment.report", Commitment, "report_at", images.on_commitment_due))
    register(
        Due(
            "archive.question", apps.get_model("imaging", "ArchiveQuestion"), "ask_at", images.on_question_due
        )
    )
    register(Due("scrub", apps.get_model("imaging", "Scrub"), "next_at", images.on_scrub_due))
    register(Due("upkeep", apps.get_model("imaging", "Upkeep"), "next_at", images.on_upkeep_due))
    ask_back = apps.get_model("intake", "AskBack")
    register(Due("ask_back.expiry", ask_back, "expires_at", intake.on_ask_back_due))  # before its reminders
    register(Due("ask_back.reminder", ask_back, "remind_at", intake.on_ask_back_reminder))
    paper = apps.get_model("intake", "Paper")
    register(Due("paper.lease", paper, "held_until", intake.on_paper_lease_due))
    register(Due("priors.search", PriorSearch, "ask_at", priors.on_search_due))
    register(Due("priors.wait", PriorSearch, "wait_until", priors.on_wait_due))
    candidate = apps.get_model("priors", "PriorCandidate")
    register(Due("priors.fetch", candidate, "try_at", priors.on_fetch_due))
    register(Due("reading.lease", Reading, "lease_until", worklist.on_lease_due))
    register(Due("reading.deadline", Reading, "next_warning_at", worklist.on_warning_due))
    register(Due("export", apps.get_model("reporting", "Export"), "try_at", reporting.on_export_due))
    register(Due("night", apps.get_model("reconciliation", "Night"), "next_at", reconciliation.on_night_due))
    register(Due("delivery", Delivery, "try_at", delivery.on_delivery_due))

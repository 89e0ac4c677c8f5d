"""Every lifecycle there is, and the document that draws them from the tables the code runs by."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dokuei.delivery import rules as delivery
from dokuei.identity import rules as identity
from dokuei.imaging import rules as imaging
from dokuei.imaging.moves import rules as moves
from dokuei.imaging.viewers import rules as viewers
from dokuei.intake import rules as intake
from dokuei.intake.askbacks import rules as askbacks
from dokuei.intake.askbacks.links import rules as links
from dokuei.intake.fhir import rules as fhir
from dokuei.intake.hl7 import rules as hl7
from dokuei.intake.linking import rules as linking
from dokuei.intake.paper import rules as paper
from dokuei.patients.merging import rules as merging
from dokuei.priors import rules as priors
from dokuei.priors.elsewhere import rules as elsewhere
from dokuei.reporting import rules as reporting
from dokuei.reporting.objects import rules as objects
from dokuei.worklist import rules as worklist


@dataclass(frozen=True)
class Machine:
    """A lifecycle: its table, what it begins and ends as, and the rows that live by it."""

    name: str
    title: str
    table: Mapping[Any, Any]
    """(state, act) -> state; None where it is the state before."""
    states: type[StrEnum]
    first: str
    ends: frozenset[str]
    model: str
    note: str = ""


MACHINES = (
    Machine(
        "merge",
        "患者の統合 (merge of patients)",
        merging.LIFECYCLE,
        merging.MergeState,
        "proposed",
        frozenset({"declined", "undone"}),
        "patients.PatientMerge",
        "`proposed` lasts no longer than the transaction that asks, unless something contradicts.",
    ),
    Machine(
        "move",
        "検査の移動 (move of a study)",
        moves.LIFECYCLE,
        moves.MoveState,
        "proposed",
        frozenset({"declined", "undone"}),
        "imaging.StudyMove",
        "`proposed` lasts no longer than the transaction that asks, unless something contradicts.",
    ),
    Machine(
        "receipt",
        "検査の受信 (study)",
        imaging.LIFECYCLE,
        imaging.Receipt,
        "receiving",
        frozenset(),
        "imaging.Study",
        "`resolve` leads back to the state the study was held in; `before` stands for it.",
    ),
    Machine(
        "request",
        "読影依頼 (request)",
        intake.LIFECYCLE,
        intake.State,
        "draft",
        frozenset({"fulfilled", "cancelled", "refused"}),
        "intake.Request",
    ),
    Machine(
        "ask-back",
        "照会 (ask-back)",
        askbacks.LIFECYCLE,
        askbacks.State,
        "asked",
        frozenset({"answered", "withdrawn", "expired"}),
        "intake.AskBack",
    ),
    Machine(
        "ask-back-link",
        "照会のメールとリンク (ask-back link)",
        links.LIFECYCLE,
        links.LinkState,
        "planned",
        frozenset({"failed", "used", "locked"}),
        "intake.AskBackLink",
    ),
    Machine(
        "message",
        "HL7の電文 (message)",
        hl7.LIFECYCLE,
        hl7.State,
        "kept",
        frozenset({"taken", "dismissed"}),
        "intake.Hl7Message",
        "`kept` lasts no longer than the transaction that receives it.",
    ),
    Machine(
        "submission",
        "FHIRの送信内容 (submission)",
        fhir.LIFECYCLE,
        fhir.State,
        "kept",
        frozenset({"taken", "superseded", "dismissed"}),
        "intake.FhirSubmission",
        "`kept` lasts no longer than the transaction that receives it.",
    ),
    Machine(
        "paper",
        "紙の依頼 (paper)",
        paper.LIFECYCLE,
        paper.PaperState,
        "received",
        frozenset({"done"}),
        "intake.Paper",
        "`send_now` makes an emergency a request before its check; it is checked all the same.",
    ),
    Machine(
        "case",
        "照合 (case of resolution)",
        linking.LIFECYCLE,
        linking.CaseState,
        "open",
        frozenset(),
        "intake.LinkCase",
    ),
    Machine(
        "prior-search",
        "過去検査の検索 (prior search)",
        priors.SEARCH_LIFECYCLE,
        priors.Search,
        "local",
        frozenset({"closed"}),
        "priors.PriorSearch",
    ),
    Machine(
        "prior-candidate",
        "過去検査の候補 (prior candidate)",
        priors.LIFECYCLE,
        priors.Candidate,
        "spare",
        frozenset({"contradicts"}),
        "priors.PriorCandidate",
    ),
    Machine(
        "patient-link",
        "他施設の過去検査の参照 (patient link)",
        elsewhere.LIFECYCLE,
        elsewhere.LinkState,
        "confirmed",
        frozenset({"revoked"}),
        "priors.PatientLink",
    ),
    Machine(
        "reading",
        "読影 (reading)",
        worklist.LIFECYCLE,
        worklist.State,
        "pending",
        frozenset({"read", "cancelled"}),
        "worklist.Reading",
    ),
    Machine(
        "report",
        "報告 (report)",
        reporting.LIFECYCLE,
        reporting.State,
        "draft",
        frozenset({"final"}),
        "reporting.Report",
    ),
    Machine(
        "export",
        "報告のDICOMオブジェクト (export)",
        objects.LIFECYCLE,
        objects.State,
        "queued",
        frozenset({"filed"}),
        "reporting.Export",
    ),
    Machine(
        "delivery",
        "配信 (delivery)",
        delivery.LIFECYCLE,
        delivery.State,
        "queued",
        frozenset({"superseded"}),
        "delivery.Delivery",
    ),
    Machine(
        "confirmation",
        "確認 (confirmation)",
        delivery.CONFIRMATION,
        delivery.Seen,
        "undelivered",
        frozenset({"acted"}),
        "delivery.Confirmation",
    ),
    Machine(
        "launch",
        "外部ビューアの起動 (launch)",
        viewers.LIFECYCLE,
        viewers.State,
        "opened",
        frozenset({"replaced"}),
        "imaging.ViewerLaunch",
    ),
    Machine(
        "person",
        "利用者 (person)",
        identity.LIFECYCLE,
        identity.PersonState,
        "invited",
        frozenset({"left"}),
        "identity.Person",
    ),
)

HEAD = """# Lifecycles

Written by `dokuei lifecycles` from the tables the code decides by; a test refuses a document that says something else.
A study, a request and a reading are each in exactly one state of their table. Every act has an actor, a time and a row
in the audit trail; an act that is not in the table is refused with a reason. The nightly reconciliation looks for what
stays in a state nobody takes it out of.
"""


def document() -> str:
    """All machines as Markdown with Mermaid diagrams."""
    return HEAD + "".join(_section(one) for one in MACHINES)


def _section(machine: Machine) -> str:
    lines = ["", f"## {machine.title}", ""]
    if machine.note:
        lines += [machine.note, ""]
    lines += ["```mermaid", "stateDiagram-v2", f"    [*] --> {machine.first}"]
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, act), target in machine.table.items():
        where = "before" if target is None else str(target)
        arrows.setdefault((str(state), where), []).append(str(act))
    lines += [f"    {state} --> {target}: {', '.join(acts)}" for (state, target), acts in arrows.items()]
    lines += [f"    {state} --> [*]" for state in machine.states if state in machine.ends]
    return "\n".join([*lines, "```", ""])

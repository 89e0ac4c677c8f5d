"""The exams of a mixed hospital's day, as orders word them and devices label them."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Exam:
    modality: str
    codes: tuple[str, ...]
    words: str
    label: str
    neighbour: str
    share: int
    is_paired: bool = False


EXAMS = (
    Exam("CT", ("CT",), "胸部単純CT", "CHEST", "NECK", 14),
    Exam("CT", ("CT",), "胸部〜骨盤造影", "CHESTABDOMEN", "CHEST", 9),
    Exam("CT", ("CT",), "腹部", "ABDOMEN", "PELVIS", 9),
    Exam("CT", ("CT",), "頭部", "HEAD", "NECK", 10),
    Exam("CT", ("CT",), "副鼻腔", "SINUS", "HEAD", 2),
    Exam("CT", ("CT",), "冠動脈CT", "HEART", "CHEST", 2),
    Exam("CT", ("CT",), "頸部", "NECK", "CHEST", 2),
    Exam("MR", ("MR",), "頭部MRI", "BRAIN", "NECK", 8),
    Exam("MR", ("MR",), "腰椎MRI", "LSPINE", "PELVIS", 5),
    Exam("MR", ("MR",), "頸椎", "CSPINE", "NECK", 3),
    Exam("MR", ("MR",), "膝関節", "KNEE", "LEG", 3, True),
    Exam("MR", ("MR",), "肩関節", "SHOULDER", "CHEST", 2, True),
    Exam("MR", ("MR",), "骨盤", "PELVIS", "HIP", 2),
    Exam("MR", ("MR",), "上腹部MRCP", "ABDOMEN", "CHEST", 2),
    Exam("CR", ("CR", "DX"), "胸部", "CHEST", "ABDOMEN", 12),
    Exam("CR", ("CR", "DX"), "手関節", "WRIST", "HAND", 3, True),
    Exam("CR", ("CR", "DX"), "足関節", "ANKLE", "FOOT", 3, True),
    Exam("CR", ("CR", "DX"), "股関節", "HIP", "PELVIS", 3, True),
    Exam("MG", ("MG",), "乳房", "BREAST", "CHEST", 3),
    Exam("US", ("US",), "腹部エコー", "ABDOMEN", "PELVIS", 2),
    Exam("PT", ("PT\\CT", "PT"), "全身PET/CT", "WHOLEBODY", "CHEST", 1),
)
LABELS = tuple(sorted({one.label for one in EXAMS}))


def beside(exam: Exam) -> str:
    return exam.neighbour


def wrong(exam: Exam, rng: Random) -> str:
    """A protocol chosen for another part altogether."""
    return rng.choice([one for one in LABELS if one != exam.label])

"""A table of weights and limits, as it is kept and edited. No database, no clock."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dokuei.intake.askbacks.rules import KINDS
from dokuei.intake.scoring.items import ITEMS, MODALITIES

ASKABLE = {kind.field: kind.code for kind in KINDS if kind.field in {item.field for item in ITEMS}}
"""Items that can be asked back, and by which kind of question."""

Weight = Annotated[int, Field(ge=0, le=100)]
Limit = Annotated[float, Field(ge=0, le=250)]


class Limits(BaseModel):
    """Limits for contrast media and MR of one facility (product 4).

    The defaults are a starting point for the facility's own committee, not a recommendation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    renal_valid_days: Annotated[int, Field(ge=1, le=3650)] = 90
    iodine_egfr: Limit = 30
    gadolinium_egfr: Limit = 30
    metformin_egfr: Limit = 60
    pregnancy_from: Annotated[int, Field(ge=0, le=120)] = 12
    pregnancy_to: Annotated[int, Field(ge=0, le=120)] = 55

    @model_validator(mode="after")
    def ages_in_order(self) -> Self:
        if self.pregnancy_from > self.pregnancy_to:
            raise ValueError("妊娠を確認する年齢の下限が上限を超えています。")
        return self


class Table(BaseModel):
    """What each item weighs, and the limits. An item that is not named weighs nothing.

    `ask` names the items that are asked back by themselves when a request is accepted without them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    weights: dict[str, Weight]
    limits: Limits = Limits()
    ask: Annotated[list[str], Field(max_length=50)] = []

    @model_validator(mode="after")
    def makes_sense(self) -> Self:
        known = {item.field for item in ITEMS}
        if unknown := sorted(set(self.weights) - known):
            raise ValueError(f"知らない項目です: {'、'.join(unknown)}")
        if unasked := sorted(set(self.ask) - set(ASKABLE)):
            raise ValueError(f"自動では照会できない項目です: {'、'.join(unasked)}")
        for modality in MODALITIES:
            if not any(self.weights.get(i.field, 0) for i in ITEMS if i.is_always and i.concerns(modality)):
                raise ValueError(f"{modality} で配点のある項目がありません。")
        return self


DEFAULT = Table(weights={item.field: item.weight for item in ITEMS})
DEFAULT_NAME = "default-2"

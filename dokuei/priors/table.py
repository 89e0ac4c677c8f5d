"""What makes a prior relevant, as data that is kept and versioned. No database, no clock."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Part = Literal["same", "related", "other", "unknown"]
Kind = Literal["same", "related", "other", "unknown"]
Count = Annotated[int, Field(ge=0, le=20)]


class Tier(BaseModel):
    """One kind of prior, and how many of it are wanted: the newest, and beside them the oldest."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    label: Annotated[str, Field(min_length=1, max_length=60)]
    parts: tuple[Part, ...]
    kinds: tuple[Kind, ...]
    newest: Count = 0
    oldest: Count = 0


class Relevance(BaseModel):
    """Tiers in the order of relevance; a prior belongs to the first that fits it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=20)]
    related_kinds: tuple[tuple[str, ...], ...]
    """Modalities that show the same thing in another way, by groups."""
    most: Count = 5
    """Wanted altogether, the most relevant first."""
    wait_minutes: Annotated[int, Field(ge=0, le=240)] = 10
    """For how long a reading that is no emergency waits for wanted priors."""

    @model_validator(mode="after")
    def makes_sense(self) -> Self:
        codes = [tier.code for tier in self.tiers]
        if len(set(codes)) != len(codes):
            raise ValueError("区分のコードが重複しています。")
        return self


DEFAULT = Relevance(
    tiers=(
        Tier(
            code="same_part_same_kind",
            label="同じ部位・同じ検査",
            parts=("same",),
            kinds=("same",),
            newest=2,
            oldest=1,
        ),
        Tier(
            code="same_part_related_kind",
            label="同じ部位・関連する検査",
            parts=("same",),
            kinds=("related",),
            newest=1,
        ),
        Tier(
            code="related_part_same_kind",
            label="近い部位・同じ検査",
            parts=("related",),
            kinds=("same",),
            newest=1,
        ),
        Tier(
            code="same_part_other_kind",
            label="同じ部位・他の検査",
            parts=("same",),
            kinds=("other", "unknown"),
            newest=1,
        ),
        Tier(
            code="related_part_related_kind",
            label="近い部位・関連する検査",
            parts=("related",),
            kinds=("related",),
            newest=1,
        ),
        Tier(
            code="unknown_part_same_kind",
            label="部位の記載なし・同じ検査",
            parts=("unknown",),
            kinds=("same",),
            newest=1,
        ),
    ),
    related_kinds=(("CT", "MR", "PT"), ("CR", "CT"), ("MG", "US", "MR"), ("NM", "PT"), ("XA", "CT", "MR")),
)
DEFAULT_NAME = "priors-default-1"

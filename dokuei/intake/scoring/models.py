"""Tables a facility has decided on. Rows are only added: what was decided stays readable."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class RuleTable(models.Model):
    """Weights and limits of one facility from one day on."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    number = models.PositiveIntegerField()
    effective_from = models.DateField()
    body = models.JSONField()
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True)
    made_by_name = models.CharField(max_length=100)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "number"], name="a_rule_table_has_its_own_number_in_its_facility"
            ),
            models.CheckConstraint(name="a_rule_table_says_why", condition=~Q(reason="")),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["facility", "-effective_from", "-number"], name="intake_rule_tables"),
        ]

"""Whether an address may be opened under the settings of now: asked when it is kept and each time it is opened."""

from urllib.parse import urlsplit

from django.conf import settings

from dokuei.imaging.errors import TemplateRefused
from dokuei.imaging.viewers.rules import Encoding, why_not_template


def must_be_usable(template: str, encoding: str, *, may_name_patient: bool) -> None:
    refusal = why_not_template(
        template,
        encoding=Encoding(encoding),
        may_name_patient=may_name_patient,
        schemes=settings.DOKUEI.viewer_scheme_list,
        own_host=urlsplit(settings.DOKUEI.base_url).hostname or "",
    )
    if refusal:
        raise TemplateRefused(refusal.sentence, code=refusal.value)

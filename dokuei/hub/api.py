"""The whole HTTP API, assembled from the rooms' doors. OpenAPI 3.1 at /api/openapi.json."""

from ninja import NinjaAPI

from dokuei.delivery.api import router as delivery
from dokuei.hub.audit_api import router as audit
from dokuei.identity.api import router as identity
from dokuei.imaging.api import router as imaging
from dokuei.intake.api import router as intake
from dokuei.kit.http import install_errors
from dokuei.patients.api import router as patients
from dokuei.priors.api import router as priors
from dokuei.reconciliation.api import router as reconciliation
from dokuei.reporting.api import router as reporting
from dokuei.worklist.api import router as worklist

api = NinjaAPI(
    title="Dokuei",
    version="1",
    description="在宅遠隔読影 Dokuei の API。日時は UTC の ISO 8601、エラーは application/problem+json です。",
    docs_url=None,
    urls_namespace="api",
)
install_errors(api)
for router in (
    identity,
    audit,
    patients,
    imaging,
    intake,
    priors,
    worklist,
    reporting,
    delivery,
    reconciliation,
):
    api.add_router("/v1", router)

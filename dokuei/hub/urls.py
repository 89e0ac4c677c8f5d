"""Every address Django answers."""

from django.urls import URLPattern, URLResolver, include, path

from dokuei.hub.api import api
from dokuei.hub.health import readyz
from dokuei.hub.metrics import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/fhir/", include("dokuei.intake.fhir.door")),
    path("api/", api.urls),
    path("_allauth/", include("allauth.headless.urls")),
    path("readyz", readyz),
    path("metrics", metrics),
]

from django.apps import AppConfig


class PriorsConfig(AppConfig):
    name = "dokuei.priors"
    label = "priors"
    default_auto_field = "django.db.models.BigAutoField"

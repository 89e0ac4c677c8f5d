from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "dokuei.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dokuei.identity.allauth import remember_codes_as_long_as_they_hold

        remember_codes_as_long_as_they_hold()

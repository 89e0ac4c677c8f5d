from django.apps import AppConfig


class HubConfig(AppConfig):
    name = "dokuei.hub"
    label = "hub"

    def ready(self) -> None:
        from dokuei.hub import wiring

        wiring.connect()

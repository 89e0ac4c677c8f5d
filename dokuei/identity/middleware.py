"""From request to actor: who is asking, in which scope, and what is written down when they are refused."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

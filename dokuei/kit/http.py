"""The HTTP door's common parts: problem+json for every refusal (RFC 9457), and an API that speaks it."""

import logging
from collections.abc import Callable
from typing import Any

import orjson
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as NinjaValidationError
from psycopg_pool import PoolTimeout

from dokuei.base.errors import DokueiError, Invalid, NotFound, Unavailable
from dokuei.kit.db import is_database_away

log = logging.getLogger("dokuei.http")
TITLES = {
    401: "サインインが必要です",
    403: "権限がありません",
    404: "見つかりません",
    409: "実行できません",
    422: "入力を確認してください",
    503: "一時的に利用できません",
}
DATABASE_GONE = (OperationalError, PoolTimeout)


class DatabaseUnavailable(Unavailable):
    """データベースに接続できません。入力内容は画面に残っています。しばらくしてからやり直してください。"""

    code = "database.unavailable"


def problem(error: DokueiError) -> HttpResponse:
    """Render an error as application/problem+json; `detail` is the Japanese sentence for the screen."""
    body = {
        "type": "about:blank",
        "code": error.error_code,
        "title": TITLES.get(error.status, "エラー"),
        "detail": error.detail,
        "status": error.status,
        **error.fields,
    }
    response = HttpResponse(
        orjson.dumps(body, default=str), status=error.status, content_type="application/problem+json"
    )
    response["Cache-Control"] = "no-store"
    if error.status == 503:
        response["Retry-After"] = "5"
    return response


def unexpected() -> HttpResponse:
    """The answer to our own bug: it says nothing about the inside."""
    error = DokueiError(
        "処理中に予期しないエラーが起きました。保存されていません。もう一度試し、続く場合はサポートに連絡してください。",
        code="unexpected",
    )
    return problem(error)


def install_errors(api: NinjaAPI) -> None:
    """Make `api` answer every exception as a problem, and bugs without their insides."""

    @api.exception_handler(DokueiError)
    def _known(request: HttpRequest, error: DokueiError) -> HttpResponse:
        return problem(error)

    @api.exception_handler(NinjaValidationError)
    def _invalid(request: HttpRequest, error: NinjaValidationError) -> HttpResponse:
        fields = [".".join(str(part) for part in item["loc"][1:]) for item in error.errors]
        return problem(Invalid(f"入力を確認してください: {'、'.join(fields)}", errors=_plain(error)))

    @api.exception_handler(Http404)
    def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(NotFound())

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(Invalid("送信された内容を読み取れませんでした。", code="invalid.body"))

    @api.exception_handler(Exception)
    def _bug(request: HttpRequest, error: Exception) -> HttpResponse:
        if is_database_away(error):
            log.warning("database unavailable")
            return problem(DatabaseUnavailable())
        log.error("unexpected error in a view", exc_info=error)
        return unexpected()


def _plain(error: NinjaValidationError) -> list[dict[str, Any]]:
    return [{"loc": list(item["loc"]), "msg": item["msg"]} for item in error.errors]


def after_refusal(request: HttpRequest, note: Callable[[], None]) -> None:
    """Let something be written down about a request that is refused, after its transaction was rolled back."""
    request.after_refusal = note  # type: ignore[attr-defined]

"""placeholder replaced below"""

from typing import Any


async def application(scope: Any, receive: Any, send: Any) -> None:
    raise NotImplementedError

"""What commits anywhere is heard in every web process, also after the database was away."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from dokuei.hub import live
from dokuei.hub.live import LiveStream
from dokuei.kit.live import announce

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_process_that_attends_hears_every_change_and_listens_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "RETRY_SECONDS", 0.0)
    heard: list[tuple[str, str]] = []

    async def follow() -> None:
        stream = LiveStream()
        stream.hear(lambda kind, key: heard.append((kind, key)))
        await until_heard(stream, ("pack", "7"))
        assert await sync_to_async(cut_off)() == 1
        await until_heard(stream, ("study", "8"))
        assert stream._listener is not None
        stream._listener.cancel()

    async def until_heard(stream: LiveStream, news: tuple[str, str]) -> None:
        def said() -> bool:
            stream.attend()
            return news in heard

        for _ in range(1500):
            if said():
                return
            await sync_to_async(announce)(*news, None)
            await asyncio.sleep(0.02)
        raise AssertionError(f"{news} was not heard")

    asyncio.run(follow())


def cut_off() -> int:
    """End every listening connection of this database; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid() and query like 'listen%'"
        )
        return len([one for (one,) in cursor.fetchall() if one])

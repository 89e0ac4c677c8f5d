"""Whatever a job does, one frame is refused and the next job is served."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dokuei.base.errors import DokueiError, Invalid, Unavailable
from dokuei.dicom.codec.errors import DecoderAbsent, DecoderCrashed, DecodersBusy
from dokuei.dicom.codec.sandbox import LARGEST_BYTES, Sandbox

NAUGHTY = "dokuei.dicom.codec.tests.naughty"
MEMORY = 1024**3


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(1, jobs=NAUGHTY, memory_bytes=MEMORY)
    yield made
    made.close()


def code_of(sandbox: Sandbox, job: str, seconds: float = 20, **told: Any) -> str:
    with pytest.raises(Invalid) as refused:
        sandbox.run(job, told, seconds=seconds)
    assert refused.value.status == 422
    return refused.value.error_code


def test_bytes_go_in_and_come_back(sandbox: Sandbox) -> None:
    blobs = [b"", b"abc", bytes(3_000_000), os.urandom(100_001)]

    result = sandbox.run("echo", {"n": 1}, blobs)

    assert result.data == b"".join(blobs)
    assert result.said["told"] == {"n": 1}


def test_one_process_does_job_after_job(sandbox: Sandbox) -> None:
    pids = {sandbox.run("echo", {}).said["pid"] for _ in range(3)}

    assert len(pids) == 1
    assert os.getpid() not in pids


@pytest.mark.parametrize(
    ("job", "told", "code"),
    [
        pytest.param("refuse", {}, "pixels.undecodable", id="a refusal"),
        pytest.param("allocate", {"bytes": 2 * MEMORY}, "pixels.too_large", id="too much memory"),
        pytest.param("segfault", {}, "pixels.crashed", id="a segmentation fault"),
        pytest.param("leave", {}, "pixels.crashed", id="a process that goes away"),
        pytest.param("flood", {"bytes": LARGEST_BYTES + 1}, "pixels.too_large", id="too much answer"),
        pytest.param("lie", {"bytes": 1 << 40}, "pixels.crashed", id="an answer that is not there"),
        pytest.param("lie", {"bytes": 10_000_000}, "pixels.crashed", id="an answer cut short"),
        pytest.param("nonsense", {}, "pixels.undecodable", id="an unknown job"),
    ],
)
def test_a_job_that_goes_wrong_is_refused_and_the_next_one_has_a_fresh_process(
    sandbox: Sandbox, job: str, told: dict[str, Any], code: str
) -> None:
    before = sandbox.run("echo", {}).said["pid"]

    assert code_of(sandbox, job, **told) == code

    assert sandbox.run("echo", {}, [b"well"]).data == b"well"
    assert sandbox.run("echo", {}).said["pid"] != before
    assert not os.path.exists(f"/proc/{before}")  # noqa: PTH110


def test_a_job_that_never_ends_is_ended(sandbox: Sandbox) -> None:
    assert code_of(sandbox, "loop", seconds=0.3) == "pixels.timed_out"
    assert sandbox.run("echo", {}, [b"well"]).data == b"well"


def test_behind_the_walls_there_is_no_file_no_network_and_no_program(sandbox: Sandbox) -> None:
    assert sandbox.run("escape", {}).said == []


def test_a_process_that_died_between_jobs_is_replaced(sandbox: Sandbox) -> None:
    pid = sandbox.run("echo", {}).said["pid"]
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    assert sandbox.run("echo", {}).said["pid"] != pid


def test_jobs_beyond_the_number_of_processes_wait_their_turn() -> None:
    sandbox = Sandbox(2, jobs=NAUGHTY)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: sandbox.run("echo", {}, [bytes([n])]), range(40)))
    sandbox.close()

    assert [result.data for result in results] == [bytes([n]) for n in range(40)]
    assert len({result.said["pid"] for result in results}) <= 2


def test_who_waits_too_long_for_a_process_is_told_to_come_again() -> None:
    sandbox = Sandbox(1, jobs=NAUGHTY)
    sandbox.run("echo", {})
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(sandbox.run, "loop", {}, seconds=5)
        while sandbox.idle_pids():
            pass
        with pytest.raises(DecodersBusy) as refused:
            sandbox.run("echo", {}, seconds=0.05)
        assert isinstance(busy.exception(), DokueiError)
    sandbox.close()

    assert isinstance(refused.value, Unavailable)


def test_a_process_that_cannot_start_is_a_reason_to_try_later() -> None:
    with pytest.raises(DecoderAbsent):
        Sandbox(1, jobs="dokuei.dicom.no_such_module").run("echo", {})


def test_a_closed_sandbox_leaves_no_process_behind() -> None:
    sandbox = Sandbox(1, jobs=NAUGHTY)
    pid = sandbox.run("echo", {}).said["pid"]

    sandbox.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_refusal_says_in_japanese_that_nothing_is_lost() -> None:
    assert "保存されています" in DecoderCrashed().detail

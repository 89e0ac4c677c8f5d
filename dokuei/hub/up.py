"""`dokuei up` as a person meets it: start everything, wait until it answers, say where and as whom."""

import http.client
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from dokuei.hub.postgres import PostgresError
from dokuei.hub.supervisor import FolderTaken, Supervisor
from dokuei.kit.config import Config

READY_SECONDS = 90.0


def run(config: Config, *, sample: bool, dicom: str | None) -> int:
    """Run until Ctrl-C; returns the exit code."""
    supervisor = Supervisor(config, say)
    try:
        supervisor.start()
        if _wait_ready(config, supervisor):
            say(f"Dokuei  {config.base_url}")
            say(f"DICOM   {config.dicom}")
            if sample:
                _sample(dicom)
            say("終了するには Ctrl-C を押してください。")
            supervisor.watch()
        elif not supervisor.stopping:
            say(f"起動できませんでした。記録を確認してください: {supervisor.logs}")
            return 1
    except (PostgresError, FolderTaken, subprocess.CalledProcessError) as error:
        if not supervisor.stopping:
            say(f"起動できませんでした: {error}")
            return 1
    finally:
        supervisor.stop()
    say("終了しました。データは保存されています。")
    return 0


def say(sentence: str) -> None:
    print(sentence, flush=True)


def _wait_ready(config: Config, supervisor: Supervisor) -> bool:
    host, port = config.http_address
    scheme, context = "http", None
    if config.web_has_tls:  # our own server on this machine, whatever name its certificate is for
        scheme, context = "https", ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and not supervisor.stopping:
        try:
            with urllib.request.urlopen(  # noqa: S310 - our own address
                f"{scheme}://{host}:{port}/readyz", timeout=5, context=context
            ) as answer:
                if answer.status == 200:
                    return True
        except (OSError, http.client.HTTPException):  # nobody there yet, or somebody else
            time.sleep(0.2)
    return False


def _sample(dicom: str | None) -> None:
    """Load sample work in its own process; it comes through the real doors."""
    command = [sys.executable, "-m", "dokuei.hub.sample"]
    if dicom:
        command.append(str(Path(dicom).resolve()))
    done = subprocess.run(command, check=False)
    if done.returncode:
        say("見本データを用意できませんでした。システムは動いています。")

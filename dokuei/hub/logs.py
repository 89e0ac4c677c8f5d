"""Structured logs: one JSON object a line, ids and codes as fields, never patient data."""

import logging
import logging.config
import re

import structlog

ROW = re.compile(
    r"^DETAIL: .*?(?=^(?:CONTEXT|HINT|QUERY|LINE \d+|Traceback|During|The above)\b|\Z|^\n)", re.M | re.S
)


def without_rows(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Leave out what PostgreSQL quotes of a refused row: it may be a patient's."""
    if "exception" in event:
        event["exception"] = ROW.sub("DETAIL: (left out)\n", str(event["exception"]))
    return event


def configure_logging(level: str, *, as_json: bool = True) -> None:
    """Send every logger of this process to standard error in one shape."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_rows,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        renderer,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django.request": {"level": "ERROR"},
                "procrastinate": {"level": "WARNING"},
                "psycopg.pool": {"level": "ERROR"},
                "pydicom": {"level": "ERROR"},
                "asyncio": {"level": "WARNING"},
            },
        }
    )

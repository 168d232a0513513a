"""OpenAPI description of the corrections of an import."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import extend_schema

from config.api.docs.components import (
    COUNT,
    FLAG,
    MOMENT,
    SUCCESS,
    TEXT,
    TEXTS,
    failures,
    json_object,
)
from imports_app.api.schema.plans import PLAN
from imports_app.models import KindChoice
from imports_app.services.corrections.changes import MAX_CORRECTIONS
from imports_app.services.corrections.rows import LONGEST_CELL, MAX_BYTES

_CELLS: Final = {**TEXTS, "maxItems": 20}
_CORRECTION: Final = json_object(
    {
        "key": TEXT,
        "kind": {**TEXT, "enum": KindChoice.values},
        "file": TEXT,
        "line": COUNT,
        "columns": {**TEXTS, "description": "Names of the values."},
        "original": {**_CELLS, "description": "Values that were read."},
        "cells": {**_CELLS, "description": "Corrected values."},
        "revision": {**COUNT, "description": "0 if the record is not corrected."},
        "correctable": {
            **FLAG,
            "description": "Whether the record can be corrected now.",
        },
        "correctedAt": MOMENT,
        "correctedBy": {**TEXT, "description": "User ID."},
    },
    optional=("file", "line", "correctedAt", "correctedBy"),
)
_ANSWER: Final = json_object({"correction": _CORRECTION, "success": SUCCESS})
_KEYS: Final = (
    "The lists `records`, `plan/records` and `plan/messages` contain `key`. Messages"
    " that will be imported without a correction also require"
    " view-room-administration."
)
describe_correction = extend_schema(
    operation_id="importOperationCorrection",
    tags=["Imports"],
    summary="Show the original and the corrected values of a record",
    description=f"Requires run-import. {_KEYS}",
    parameters=[],
    responses={200: _ANSWER, **failures(400, 401, 403, 404, 429)},
)
describe_correct = extend_schema(
    operation_id="correctImportOperationRecord",
    tags=["Imports"],
    summary="Correct a record before the run, or for a retry",
    description=(
        f"Requires run-import. {_KEYS} The values are validated like a row of a CSV"
        " file; nothing is guessed. The run, or the retry of a failed record, uses"
        f" them. An import can have {MAX_CORRECTIONS:,} corrections, each with at"
        f" most {LONGEST_CELL:,} characters in a value and {MAX_BYTES:,} bytes in all"
        " changed values. Send the `revision` from GET: if another user has changed"
        " the correction since, the request is refused with"
        " error-correction-changed. Confirmations and decisions about the record are"
        " removed."
    ),
    request={
        "application/json": json_object({"cells": _CELLS, "revision": COUNT}),
    },
    responses={200: _ANSWER, **failures(400, 401, 403, 404, 413, 429)},
)
describe_remove = extend_schema(
    operation_id="removeImportOperationCorrection",
    tags=["Imports"],
    summary="Remove the correction of a record",
    description=(
        f"Requires run-import. {_KEYS} Restores the original values of the record. A"
        " correction that a run has used can't be removed."
    ),
    responses={
        200: json_object({"success": SUCCESS}),
        **failures(400, 401, 403, 404, 429),
    },
)
describe_messages = extend_schema(
    operation_id="importOperationPlanMessages",
    tags=["Imports"],
    summary="List the messages that will fail, or that depend on a guess",
    description=(
        "Requires run-import. The import must be waiting for the review. A page can"
        " have fewer messages than `count`, or none, although there are more: send"
        " `cursor` until it is null."
    ),
    responses={
        200: json_object(
            {
                "plan": PLAN,
                "messages": {
                    "type": "array",
                    "items": json_object(
                        {
                            "key": TEXT,
                            "room": {**TEXT, "description": "Import ID."},
                            "author": {**TEXT, "description": "Import ID."},
                            "text": TEXT,
                            "code": TEXT,
                            "file": TEXT,
                            "line": COUNT,
                        },
                        optional=("file", "line"),
                    ),
                },
                "cursor": {"type": ["string", "null"]},
                "success": SUCCESS,
            }
        ),
        **failures(400, 401, 403, 404, 429),
    },
)

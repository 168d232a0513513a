"""Models of import operations and records, the workspace, and the workers."""

from __future__ import annotations

from imports_app.models.columns import AssignedColumns
from imports_app.models.decisions import Decision, DecisionAction
from imports_app.models.files import FileState, MessageFile
from imports_app.models.journal import JournalEffect, JournalPage, JournalTable
from imports_app.models.notices import (
    MailSubscription,
    Notice,
    NoticeDelivery,
    NoticeEvent,
    Webhook,
)
from imports_app.models.operations import ImportOperation, OperationEvent
from imports_app.models.parts import ImportPart
from imports_app.models.records import (
    COMPLETED,
    ImportRecord,
    KindChoice,
    KindCount,
    Outcome,
)
from imports_app.models.search import MessageEntry, SearchProgress
from imports_app.models.sources import SourceWorkspace
from imports_app.models.uploads import PartialUpload
from imports_app.models.workers import WorkerHeartbeat
from imports_app.models.workspace import Message, Room, RoomImportId, RoomMember

__all__ = [
    "COMPLETED",
    "AssignedColumns",
    "Decision",
    "DecisionAction",
    "FileState",
    "ImportOperation",
    "ImportPart",
    "ImportRecord",
    "JournalEffect",
    "JournalPage",
    "JournalTable",
    "KindChoice",
    "KindCount",
    "MailSubscription",
    "Message",
    "MessageEntry",
    "MessageFile",
    "Notice",
    "NoticeDelivery",
    "NoticeEvent",
    "OperationEvent",
    "Outcome",
    "PartialUpload",
    "Room",
    "RoomImportId",
    "RoomMember",
    "SearchProgress",
    "SourceWorkspace",
    "Webhook",
    "WorkerHeartbeat",
]

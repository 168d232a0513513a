"""Models of import operations and records, the workspace, and the workers."""

from __future__ import annotations

from imports_app.models.files import (
    DownloadState,
    FileDownload,
    FileState,
    LinkedFile,
    LinkedFileState,
    MessageFile,
)
from imports_app.models.journal import JournalEffect, JournalPage, JournalTable
from imports_app.models.notices import (
    MailSubscription,
    Notice,
    NoticeDelivery,
    NoticeEvent,
    Webhook,
)
from imports_app.models.operations import (
    MAX_TRIAL_MESSAGES,
    EventOrder,
    ImportOperation,
    OperationEvent,
)
from imports_app.models.outgoing.deliveries import (
    DeliveredDay,
    DeliveredRoom,
    DeliveredUser,
    Delivery,
    DeliveryEvent,
    DeliveryPart,
    DeliveryState,
    DeliveryStep,
)
from imports_app.models.outgoing.exports import ExportState, WorkspaceExport
from imports_app.models.outgoing.mattermost import (
    MattermostImport,
    MattermostImportState,
    MattermostPhase,
)
from imports_app.models.outgoing.mirror import (
    MirroredChange,
    MirroredOperation,
    MirrorGap,
    ServerPoll,
)
from imports_app.models.outgoing.servers import Server
from imports_app.models.parts import ImportPart, RoomCount
from imports_app.models.plans import (
    ChangedRecord,
    ChangedRoom,
    ChangeEffect,
    Effect,
    ImportPlan,
    MessageCount,
    PlannedMessages,
    PlannedRecord,
    SourceChanges,
)
from imports_app.models.records import (
    COMPLETED,
    ImportRecord,
    KindChoice,
    KindCount,
    Outcome,
)
from imports_app.models.review import Correction, Decision, DecisionAction
from imports_app.models.search import MessageEntry, SearchProgress
from imports_app.models.sources import AssignedColumns, SourceWorkspace
from imports_app.models.uploads import PartialUpload
from imports_app.models.workers import WorkerHeartbeat
from imports_app.models.workspace import (
    Message,
    MessagePosition,
    Room,
    RoomImportId,
    RoomMember,
)

__all__ = [
    "COMPLETED",
    "MAX_TRIAL_MESSAGES",
    "AssignedColumns",
    "ChangeEffect",
    "ChangedRecord",
    "ChangedRoom",
    "Correction",
    "Decision",
    "DecisionAction",
    "DeliveredDay",
    "DeliveredRoom",
    "DeliveredUser",
    "Delivery",
    "DeliveryEvent",
    "DeliveryPart",
    "DeliveryState",
    "DeliveryStep",
    "DownloadState",
    "Effect",
    "EventOrder",
    "ExportState",
    "FileDownload",
    "FileState",
    "ImportOperation",
    "ImportPart",
    "ImportPlan",
    "ImportRecord",
    "JournalEffect",
    "JournalPage",
    "JournalTable",
    "KindChoice",
    "KindCount",
    "LinkedFile",
    "LinkedFileState",
    "MailSubscription",
    "MattermostImport",
    "MattermostImportState",
    "MattermostPhase",
    "Message",
    "MessageCount",
    "MessageEntry",
    "MessageFile",
    "MessagePosition",
    "MirrorGap",
    "MirroredChange",
    "MirroredOperation",
    "Notice",
    "NoticeDelivery",
    "NoticeEvent",
    "OperationEvent",
    "Outcome",
    "PartialUpload",
    "PlannedMessages",
    "PlannedRecord",
    "Room",
    "RoomCount",
    "RoomImportId",
    "RoomMember",
    "SearchProgress",
    "Server",
    "ServerPoll",
    "SourceChanges",
    "SourceWorkspace",
    "Webhook",
    "WorkerHeartbeat",
    "WorkspaceExport",
]

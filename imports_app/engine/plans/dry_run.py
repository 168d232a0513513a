"""Dry run of an import: decisions about users and rooms, without writing them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from accounts.models import Role
from imports_app.engine.matching.decisions import FAILED_DECISIONS, Decisions
from imports_app.engine.matching.privileged_users import (
    UNCONFIRMED,
    confirmed_import_ids,
)
from imports_app.engine.matching.rooms import TargetRoom
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.matching.users import TargetUser
from imports_app.engine.outcomes import StagedRecord
from imports_app.engine.planning.planned_rooms import PlannedRooms
from imports_app.engine.planning.planned_users import PlannedUsers
from imports_app.engine.planning.record_plans import RecordPlan, Target
from imports_app.engine.planning.role_grants import Grants
from imports_app.engine.planning.rooms import RoomPlanner
from imports_app.engine.planning.users import UserPlanner
from imports_app.engine.plans.pages import iterate_pages
from imports_app.importers.base import Importer
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import Kind
from imports_app.selection.rules import Selection

_FAILED_MATCHES: Final = FAILED_DECISIONS | {UNCONFIRMED}
_LONGEST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class PlanInput:
    """Input of a plan."""

    operation: ImportOperation
    importer: type[Importer]
    selection: Selection
    initiator: str
    """Public ID of the user who would start the run."""
    fails_existing: bool = False


class DryRun:
    """Planned users and rooms of an import, page by page.

    New users and rooms get negative keys: those of their first records.
    """

    def __init__(self, source: PlanInput) -> None:
        self._source = source
        self._operation_id = source.operation.pk
        self._users = PlannedUsers()
        self.rooms = PlannedRooms()
        self._failed: list[tuple[str, list[str]]] = []
        """Codes and import IDs of users whose match or decision fails."""
        self.depends_on_initiator = False
        """Whether another initiator could grant other roles."""

    def plan_users(
        self,
    ) -> Iterator[tuple[list[StagedRecord], list[RecordPlan[TargetUser]]]]:
        """Yield the pages of users with the decisions about them."""
        source = self._source
        privileged = set(Role.objects.privileged().values_list("pk", flat=True))
        planner = UserPlanner(
            self._operation_id,
            source.selection,
            initiator_id=source.operation.user_id,
            grants=partial(
                Grants,
                sent_by=source.operation.sent_by,
                run_started_by=source.initiator,
            ),
            fails_existing=source.fails_existing,
            matches_usernames=source.importer.identifies_users_by_username,
            corrects_details=not source.operation.continues_trial,
            planned=self._users,
        )
        for page in self._readable(Kind.USER):
            planned = planner.plan(page)
            self.depends_on_initiator |= planned.grants.were_checked
            for staged, one in zip(page, planned.plans, strict=True):
                if one.result.code in _FAILED_MATCHES:
                    self._failed.append((one.result.code, staged.data["import_ids"]))
            for record_id, target in _targets_with_records(page, planned.plans):
                roles = {role.pk for role in target.roles}
                is_privileged = not roles.isdisjoint(privileged)
                self._users.add(target, -record_id, is_privileged=is_privileged)
            yield page, planned.plans

    def people(self) -> UserLookup:
        """Return the lookup of the planned and of all other users."""
        source = self._source
        people = UserLookup(
            by_username=source.importer.identifies_users_by_username,
            confirmed=confirmed_import_ids(self._operation_id, source.selection),
            decided=Decisions(self._operation_id).identities(),
            planned=self._users,
        )
        for code, import_ids in self._failed:
            people.add_failed(code, import_ids)
        return people

    def plan_rooms(
        self, people: UserLookup
    ) -> Iterator[tuple[list[StagedRecord], list[RecordPlan[TargetRoom]]]]:
        """Yield the pages of rooms with the decisions about them."""
        planner = RoomPlanner(
            self._operation_id,
            self._source.selection,
            people,
            initiator_id=self._source.operation.user_id,
            planned_users=self._users,
            planned_rooms=self.rooms,
        )
        for page in self._readable(Kind.CHANNEL):
            planned = planner.plan(page)
            for one in planned.placeholders:
                self._users.add(
                    TargetUser(
                        one.user,
                        is_new=True,
                        import_ids={one.name[:_LONGEST_NAME]: False},
                    ),
                    one.key,
                    is_privileged=False,
                )
            for record_id, room in _targets_with_records(page, planned.plans):
                self.rooms.add(room, -record_id)
            yield page, planned.plans

    def _readable(self, kind: Kind) -> Iterable[list[StagedRecord]]:
        rows = ImportRecord.objects.of_kind(self._operation_id, kind)
        return iterate_pages(rows.filter(is_unreadable=False))


def _targets_with_records(
    page: Sequence[StagedRecord], plans: Sequence[RecordPlan[Target]]
) -> Iterator[tuple[int, Target]]:
    """Yield each target once, with the key of its first record."""
    seen: set[int] = set()
    for staged, one in zip(page, plans, strict=True):
        if one.target is not None and id(one.target) not in seen:
            seen.add(id(one.target))
            yield staged.pk, one.target

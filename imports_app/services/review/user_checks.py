"""Validation of decisions about users."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from accounts.models import EmailAddress, ImportId, User
from accounts.services.users import is_blocked
from config.db.bulk import in_chunks
from config.db.lower_in import LowerIn
from config.mail_addresses import address_problem
from imports_app.engine.matching.decision_rights import may_match
from imports_app.engine.matching.usernames import is_username
from imports_app.models import Decision, DecisionAction, ImportOperation, ImportRecord
from imports_app.records import Kind, UserRecord
from imports_app.services.review.choices import (
    LONGEST_NAME,
    Choice,
    Problem,
    Staged,
    owners_of_texts,
)


class UserChecks:
    """Checks of decisions about users."""

    def __init__(
        self,
        operation: ImportOperation,
        choices: list[Choice],
        staged: Staged,
        kept: Iterable[Decision],
        person: User | None,
    ) -> None:
        self._staged = staged
        self._person = person
        users = [one for one in kept if one.kind == Kind.USER]
        self._actions = {one.import_id: one.action for one in users}
        self._actions |= {one.import_id: one.action for one in choices}
        self._absorbing = {
            one.target for one in users if one.action == DecisionAction.MERGE
        } | {one.target for one in choices if one.action == DecisionAction.MERGE}
        names = [(one.import_id, one.value.get("username", "")) for one in users]
        names += [(one.import_id, one.username) for one in choices]
        self._decided_names = owners_of_texts(names)
        emails = [(one.import_id, one.value.get("email", "")) for one in users]
        emails += [(one.import_id, one.email) for one in choices]
        self._decided_emails = owners_of_texts(emails)
        creating = [one for one in choices if one.action == DecisionAction.CREATE]
        self._find_existing(choices, creating)
        self._find_in_source(operation, creating)

    def _find_existing(self, choices: list[Choice], creating: list[Choice]) -> None:
        """Look up targets, and the owners of decided names, addresses and IDs."""
        self._targets: dict[str, User] = {}
        matched = [one for one in choices if one.action == DecisionAction.MATCH]
        for chunk in in_chunks(one.target for one in matched):
            found = User.objects.filter(public_id__in=chunk)
            self._targets |= {user.public_id: user for user in found}
        self._privileged: set[int] = set()
        for pks in in_chunks(user.pk for user in self._targets.values()):
            privileged = User.objects.privileged().filter(pk__in=pks)
            self._privileged.update(privileged.values_list("pk", flat=True))
        self._named: set[str] = set()
        for chunk in in_chunks(one.username for one in creating if one.username):
            named = User.objects.named_any(chunk).values_list("username", flat=True)
            self._named |= {str(name).lower() for name in named}
        self._addressed: set[str] = set()
        for chunk in in_chunks(one.email for one in creating if one.email):
            owned = EmailAddress.objects.filter(LowerIn("address", chunk))
            addresses = owned.values_list("address", flat=True)
            self._addressed |= {address.lower() for address in addresses}
        self._identified: dict[str, str] = {}
        ids = (
            key
            for one in creating
            for key in self._staged[one.kind, one.import_id].import_ids
        )
        for chunk in in_chunks(ids):
            owners = ImportId.objects.filter(value__in=chunk).order_by("-pk")
            rows = owners.values_list("value", "user__username")
            self._identified |= {value: name or "" for value, name in rows}

    def _find_in_source(
        self, operation: ImportOperation, creating: list[Choice]
    ) -> None:
        """Look up other users of the source with the same names and addresses."""
        rows = ImportRecord.objects.of_kind(operation.pk, Kind.USER)
        self._named_in_source: dict[str, set[str]] = {}
        for chunk in in_chunks(one.username for one in creating if one.username):
            for name, import_id in rows.with_usernames(chunk):
                self._named_in_source.setdefault(name.lower(), set()).add(import_id)
        self._addressed_in_source: dict[str, set[str]] = {}
        wanted = {
            address.lower()
            for one in creating
            for address in ([one.email] if one.email else self._emails_of(one))
        }
        for chunk in in_chunks(sorted(wanted)):
            for address, import_id in rows.with_first_addresses(chunk):
                owners = self._addressed_in_source.setdefault(address.lower(), set())
                owners.add(import_id)

    def _emails_of(self, choice: Choice) -> tuple[str, ...]:
        record = self._staged[choice.kind, choice.import_id]
        return record.emails[:1] if isinstance(record, UserRecord) else ()

    def target_name(self, choice: Choice) -> str:
        """Return the username of the existing user, or a name of the other record."""
        if choice.action == DecisionAction.MATCH:
            return str(self._targets[choice.target])
        if choice.action == DecisionAction.MERGE:
            other = self._staged[Kind.USER, choice.target]
            username = other.username if isinstance(other, UserRecord) else None
            return username or other.name or choice.target
        return ""

    def problem_of(self, choice: Choice) -> Problem | None:
        """Return why a decision is refused, or `None`."""
        if choice.action == DecisionAction.MATCH:
            return self._match_problem(choice)
        if choice.action == DecisionAction.MERGE:
            reason = self._merge_problem(choice)
        elif choice.action == DecisionAction.CREATE:
            reason = next(self._create_problems(choice), "")
        else:
            reason = ""
        if not reason and choice.action in _ABSORBED:
            reason = self._absorbing_problem(choice)
        return Problem(choice, reason) if reason else None

    def _absorbing_problem(self, choice: Choice) -> str:
        if choice.import_id not in self._absorbing:
            return ""
        return (
            "another user of the source is merged into this one. Remove that decision"
            " first."
        )

    def _match_problem(self, choice: Choice) -> Problem | None:
        user = self._targets.get(choice.target)
        if user is None:
            text = f"there is no user with the ID {choice.target[:40]!r}."
            return Problem(choice, text)
        is_privileged = user.pk in self._privileged
        if may_match(self._person, user, is_privileged=is_privileged):
            return None
        if not is_privileged:
            text = "decisions require the permission run-import."
        else:
            text = (
                f"you can't match a record with the privileged user {user}: this"
                " requires edit-other-user-info and every permission of that user."
            )
        return Problem(choice, text, is_forbidden=True)

    def _merge_problem(self, choice: Choice) -> str:
        if choice.target == choice.import_id:
            return "a user can't be merged with itself."
        if (Kind.USER, choice.target) not in self._staged:
            return f"the source has no user with the ID {choice.target[:80]!r}."
        if self._actions.get(choice.target) in _ABSORBED:
            return (
                f"the other user {choice.target[:80]!r} is itself skipped or merged."
                " Change that decision first."
            )
        return ""

    def _create_problems(self, choice: Choice) -> Iterator[str]:
        name, email = choice.username, choice.email
        record = self._staged[choice.kind, choice.import_id]
        if not name and not email:
            yield "enter another username, another e-mail address, or both."
        if name and (not is_username(name) or len(name) > LONGEST_NAME):
            yield (
                f"the username {name[:40]!r} is not valid. Use up to {LONGEST_NAME}"
                " Latin letters, digits, dots, hyphens and underscores."
            )
        if email and (problem := address_problem(email)) is not None:
            yield f"the e-mail address {email[:80]!r} is not valid: {problem}."
        owner = next(
            (
                self._identified[key]
                for key in record.import_ids
                if key in self._identified
            ),
            None,
        )
        is_done = owner is not None and bool(name) and owner.lower() == name.lower()
        if owner is not None and not is_done:
            yield (
                f"an earlier import matched this record with the user {owner}. Match it"
                " with an existing user, or skip it."
            )
        if is_done:
            return
        if is_blocked(name):
            yield f"the username {name!r} is reserved. Use another one."
        if name.lower() in self._named:
            yield f"the username {name!r} is taken. Use another one, or match the user."
        if self._is_shared(name, choice, self._decided_names, self._named_in_source):
            yield f"another user of the source has the username {name!r}."
        if email.lower() in self._addressed:
            yield (
                f"the address {email!r} belongs to an existing user. Use another one,"
                " or match the user."
            )
        for address in [email] if email else self._emails_of(choice):
            others = (self._decided_emails, self._addressed_in_source)
            if self._is_shared(address, choice, *others):
                yield (
                    f"another user of the source has the address {address!r}. Use"
                    " another address, or merge the two users."
                )

    def _is_shared(
        self, text: str, choice: Choice, *owners_of: Mapping[str, set[str]]
    ) -> bool:
        return any(
            owners.get(text.lower(), set()) - {choice.import_id} for owners in owners_of
        )


_ABSORBED: Final = frozenset({DecisionAction.MERGE, DecisionAction.SKIP})
"""Actions after which a record has no user of its own."""

"""Rules of the fields of a line, as Mattermost's importer applies them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import orjson

from imports_app.exporters.mattermost.rules import (
    LONGEST_DESCRIPTION,
    LONGEST_HEADER,
    LONGEST_MESSAGE,
    LONGEST_NAME,
    LONGEST_POSITION,
    LONGEST_PROPS,
    LONGEST_PURPOSE,
    POST_TYPES,
    is_channel_name,
    is_email,
    is_emoji_name,
    is_team_name,
    is_username,
)


class Rule(NamedTuple):
    """Rule of a field."""

    is_valid: Callable[[Any], bool]
    expected: str
    """Description of a valid value."""
    is_required: bool = False


def _text(length: int, *, is_required: bool = False, least: int = 0) -> Rule:
    return Rule(
        lambda value: (
            isinstance(value, str)
            and least <= len(value) <= length
            and "\0" not in value
        ),
        f"a text of {least} to {length} characters",
        is_required,
    )


def _named(is_name: Callable[[str], bool], expected: str) -> Rule:
    return Rule(
        lambda value: isinstance(value, str) and is_name(value),
        expected,
        is_required=True,
    )


def _one_of(*values: str) -> Rule:
    return Rule(
        lambda value: isinstance(value, str) and value in values,
        f"one of {', '.join(repr(value) for value in values)}",
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


_FLAG: Final = Rule(lambda value: isinstance(value, bool), "true or false")
_NUMBER: Final = Rule(_is_number, "a number")
_TIME: Final = Rule(
    lambda value: _is_number(value) and value > 0,
    "a number of milliseconds",
    is_required=True,
)
_USERNAME: Final = _named(is_username, "a username")
_TEAM: Final = _named(is_team_name, "the name of a team")
_CHANNEL: Final = _named(is_channel_name, "the name of a channel")
_OBJECTS: Final = Rule(lambda value: _is_list_of(value, dict), "a list of objects")
_NAMES: Final = Rule(lambda value: _is_list_of(value, str), "a list of usernames")
_PROPS: Final = Rule(
    lambda value: (
        isinstance(value, dict) and len(orjson.dumps(value).decode()) <= LONGEST_PROPS
    ),
    f"an object of at most {LONGEST_PROPS} characters",
)
_READ: Final = {
    "last_viewed_at": _NUMBER,
    "msg_count": _NUMBER,
    "msg_count_root": _NUMBER,
}

REPLY: Final[dict[str, Rule]] = {
    "user": _USERNAME,
    "message": _text(LONGEST_MESSAGE, is_required=True),
    "create_at": _TIME,
    "type": Rule(
        lambda value: (
            isinstance(value, str)
            and (value in POST_TYPES or value.startswith("custom_"))
        ),
        "a type of posts",
    ),
    "props": _PROPS,
    "edit_at": _NUMBER,
    "is_pinned": _FLAG,
    "flagged_by": _NAMES,
    "reactions": _OBJECTS,
    "attachments": _OBJECTS,
}
POST: Final[dict[str, Rule]] = {
    "team": _TEAM,
    "channel": _CHANNEL,
    **REPLY,
    "replies": _OBJECTS,
}
DIRECT_POST: Final[dict[str, Rule]] = {
    "channel_members": Rule(
        lambda value: _is_list_of(value, str), "a list of usernames", is_required=True
    ),
    **REPLY,
    "replies": _OBJECTS,
}
REACTION: Final[dict[str, Rule]] = {
    "user": _USERNAME,
    "emoji_name": _named(is_emoji_name, "the name of an emoji"),
    "create_at": _TIME,
}
TEAM: Final[dict[str, Rule]] = {
    "name": _TEAM,
    "display_name": _text(LONGEST_NAME, is_required=True, least=1),
    "type": _one_of("O", "I")._replace(is_required=True),
    "description": _text(LONGEST_DESCRIPTION),
    "allow_open_invite": _FLAG,
}
CHANNEL: Final[dict[str, Rule]] = {
    "team": _TEAM,
    "name": _CHANNEL,
    "display_name": _text(LONGEST_NAME),
    "type": _one_of("O", "P")._replace(is_required=True),
    "header": _text(LONGEST_HEADER),
    "purpose": _text(LONGEST_PURPOSE),
    "deleted_at": _NUMBER,
}
USER: Final[dict[str, Rule]] = {
    "username": _USERNAME,
    "email": _named(is_email, "one e-mail address in lower case"),
    "auth_service": _one_of(
        *("", "email", "gitlab", "ldap", "saml", "google", "office365", "openid")
    ),
    "auth_data": _text(128),
    "password": _text(72, least=1),
    "nickname": _text(LONGEST_NAME),
    "first_name": _text(LONGEST_NAME),
    "last_name": _text(LONGEST_NAME),
    "position": _text(LONGEST_POSITION),
    "roles": _one_of("system_user", "system_admin system_user", "system_guest"),
    "locale": _text(5),
    "delete_at": _NUMBER,
    "teams": _OBJECTS,
}
USER_TEAM: Final[dict[str, Rule]] = {
    "name": _TEAM,
    "roles": _one_of("team_user", "team_admin team_user", "team_guest"),
    "channels": _OBJECTS,
}
USER_CHANNEL: Final[dict[str, Rule]] = {
    "name": _CHANNEL,
    "roles": _one_of("channel_user", "channel_user channel_admin", "channel_guest"),
    **_READ,
}
DIRECT_CHANNEL: Final[dict[str, Rule]] = {
    "members": _NAMES._replace(is_required=True),
    "participants": _OBJECTS,
    "favorited_by": _NAMES,
    "shown_by": _NAMES,
    "header": _text(LONGEST_HEADER),
}
PARTICIPANT: Final[dict[str, Rule]] = {"username": _USERNAME, **_READ}


def check_fields(
    fields: dict[str, Any], rules: Mapping[str, Rule], place: str
) -> Iterator[str]:
    """Yield the violations in the fields of an object.

    Null counts as a missing field. Unknown fields are allowed.

    Args:
        fields: The object.
        rules: Rules by name of the field.
        place: Description of the object.
    """
    for name, rule in rules.items():
        value = fields.get(name)
        if value is None:
            if rule.is_required:
                yield f"{place} has no {name}."
        elif not rule.is_valid(value):
            yield f"{name} of {place} is not {rule.expected}."

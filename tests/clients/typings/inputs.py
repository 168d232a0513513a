"""Valid inputs of the endpoints, and changes that make most of them invalid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

_TEXTS: Final = ("", "7", "true", "{}")
_VALUES: Final[tuple[Any, ...]] = (None, 7, 1.5, True, [], {}, *_TEXTS)


class Endpoint(NamedTuple):
    """An endpoint, the function that judges its input, and a valid input."""

    method: str
    path: str
    judge: str
    valid: dict[str, Any]


_USER: Final = {
    "email": "ann@example.org",
    "name": "Ann",
    "password": "correct horse battery staple",
    "username": "ann",
    "active": True,
    "bio": "b",
    "nickname": "n",
    "statusText": "s",
    "roles": ["user"],
    "joinDefaultChannels": True,
    "requirePasswordChange": True,
    "setRandomPassword": True,
    "sendWelcomeEmail": True,
    "verified": True,
    "customFields": {"a": "b"},
}
_PUSHED: Final = {
    "username": "ann",
    "emails": ["ann@example.org"],
    "importIds": ["U1"],
    "name": "Ann",
    "utcOffset": 1.5,
    "avatarUrl": "https://example.org/a.png",
    "deleted": False,
    "statusText": "s",
    "roles": ["user"],
    "type": "user",
    "bio": "b",
    "password": "p",
}
_GROUP: Final = {"all": False, "list": ["a"]}
_UPLOAD: Final = {
    "binaryContent": "YQ==",
    "contentType": "text/csv",
    "fileName": "users.csv",
    "importerKey": "none",  # refused only after the input is valid
}
_PAGE: Final = {"offset": "0", "count": "5"}

ENDPOINTS: Final = (
    Endpoint("POST", "uploadImportFile", "isUploadImportFileParamsPOST", _UPLOAD),
    Endpoint(
        "POST",
        "downloadPublicImportFile",
        "isDownloadPublicImportFileParamsPOST",
        {"fileUrl": "ftp://example.org/a", "importerKey": "csv"},
    ),
    Endpoint(
        "POST",
        "startImport",
        "isStartImportParamsPOST",
        {"input": {"users": _GROUP, "channels": _GROUP, "contacts": _GROUP}},
    ),
    Endpoint("POST", "downloadPendingFiles", "isDownloadPendingFilesParamsPOST", {}),
    Endpoint(
        "POST", "downloadPendingAvatars", "isDownloadPendingAvatarsParamsPOST", {}
    ),
    Endpoint("GET", "getImportFileData", "isGetImportFileDataParamsGET", {}),
    Endpoint("GET", "getImportProgress", "isGetImportProgressParamsGET", {}),
    Endpoint(
        "GET", "getLatestImportOperations", "isGetLatestImportOperationsParamsGET", {}
    ),
    Endpoint(
        "GET", "getCurrentImportOperation", "isGetCurrentImportOperationParamsGET", {}
    ),
    Endpoint("GET", "importers.list", "isImportersListParamsGET", {}),
    Endpoint(
        "POST", "import.addUsers", "isImportAddUsersParamsPOST", {"users": [_PUSHED]}
    ),
    Endpoint("POST", "users.create", "isUserCreateParamsPOST", _USER),
    Endpoint(
        "GET",
        "users.list",
        "isUsersListParamsGET",
        {
            **_PAGE,
            "fields": '{"username": 1}',
            "sort": '{"name": 1}',
            "email": "ann@example.org",
        },
    ),
    Endpoint(
        "GET",
        "users.info",
        "isUsersInfoParamsGetProps",
        {"username": "ada", "includeUserRooms": "true", "fields": "{}"},
    ),
    Endpoint(
        "POST",
        "roles.addUserToRole",
        "isRoleAddUserToRoleProps",
        {"username": "ada", "roleId": "none", "roomId": "r"},
    ),
    Endpoint(
        "POST",
        "roles.removeUserFromRole",
        "isRoleRemoveUserFromRoleProps",
        {"username": "ada", "roleId": "none", "roomId": "r", "scope": "Users"},
    ),
    Endpoint("POST", "roles.delete", "isRoleDeleteProps", {"roleId": "none"}),
    Endpoint(
        "GET",
        "roles.getUsersInRole",
        "isRolesGetUsersInRoleProps",
        {**_PAGE, "role": "admin", "roomId": "r"},
    ),
)

_NOT_PUBLISHED: Final = "The typings publish no function for this input."
_NO_INPUT: Final = "Anything that is sent is ignored."
NOT_JUDGED: Final = {
    "login": "The function accepts no text as the user, which their clients send.",
    "logout": _NO_INPUT,
    "me": _NO_INPUT,
    "info": _NO_INPUT,
    "import.clear": _NO_INPUT,
    "import.new": _NO_INPUT,
    "import.run": _NO_INPUT,
    "import.status": _NO_INPUT,
    "roles.list": _NO_INPUT,
    "users.getPersonalAccessTokens": _NO_INPUT,
    "users.generatePersonalAccessToken": _NOT_PUBLISHED,
    "users.regeneratePersonalAccessToken": _NOT_PUBLISHED,
    "users.removePersonalAccessToken": _NOT_PUBLISHED,
    "users.delete": _NOT_PUBLISHED,
    "roles.create": _NOT_PUBLISHED,
    "roles.update": _NOT_PUBLISHED,
    "permissions.listAll": _NOT_PUBLISHED,
    "permissions.update": _NOT_PUBLISHED,
}
"""Endpoints whose input is not judged, with the reason."""


def inputs_of(endpoint: Endpoint) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the valid input and all its changes, each with a name."""
    yield "valid", endpoint.valid
    values = _VALUES if endpoint.method == "POST" else _TEXTS
    yield from _changes(endpoint.valid, values)


def _changes(value: Any, values: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the changes of one property or item, at any depth."""
    if isinstance(value, list):
        for name, changed in _variants(value[0], values):
            yield f"[]{name}", [changed]
    if not isinstance(value, dict):
        return
    yield ".additional", {**value, "additional": "x"}
    for key, inner in value.items():
        yield f".{key} missing", {k: v for k, v in value.items() if k != key}
        for name, changed in _variants(inner, values):
            yield f".{key}{name}", {**value, key: changed}


def _variants(value: Any, values: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for other in values:
        yield f" = {json.dumps(other)}", other
    yield from _changes(value, values)

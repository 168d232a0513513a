"""The endpoints whose input the typings validate."""

from __future__ import annotations

from typing import Final

from tests.clients.typings.inputs import Endpoint

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

_IMPORTS_AND_ACCOUNTS: Final = (
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


def _rooms(
    prefix: str, action: str, validator: str, key: str = "roomName", **more: str
) -> Endpoint:
    """Return an endpoint that reads a room."""
    value = "ann" if key == "username" else "general"
    return Endpoint("GET", f"{prefix}.{action}", validator, {key: value, **more})


_SORT: Final = {"sort": '{"name": 1}'}
_FILTER: Final = {**_PAGE, "filter": "a"}
_HISTORY: Final = {
    **_PAGE,
    "latest": "2026-01-02T00:00:00.000Z",
    "oldest": "2026-01-01T00:00:00.000Z",
    "inclusive": "true",
    "unreads": "false",
    "showThreadMessages": "true",
}
_MESSAGES: Final = {**_PAGE, "sort": '{"ts": 1}'}
_FILES: Final = {
    **_PAGE,
    **_SORT,
    "name": "a",
    "typeGroup": "image",
    "onlyConfirmed": "true",
}
_ROOMS: Final = (
    Endpoint("GET", "channels.list", "isChannelsListProps", {**_PAGE, **_SORT}),
    Endpoint("GET", "groups.list", "isGroupsListProps", {**_PAGE, **_SORT}),
    _rooms("groups", "info", "isGroupsInfoProps"),
    _rooms("rooms", "info", "isRoomsInfoProps"),
    _rooms("groups", "members", "isGroupsMembersProps", **_FILTER),
    _rooms("im", "members", "isDmMemberProps", "username", **_FILTER),
    _rooms("dm", "members", "isDmMemberProps", "username", **_FILTER),
    _rooms("channels", "history", "isChannelsHistoryProps", "roomId", **_HISTORY),
    _rooms("groups", "history", "isGroupsHistoryProps", "roomId", **_HISTORY),
    _rooms("im", "history", "isDmHistoryProps", "roomId", **_HISTORY),
    _rooms("dm", "history", "isDmHistoryProps", "roomId", **_HISTORY),
    _rooms("channels", "messages", "isChannelsMessagesProps", "roomId", **_MESSAGES),
    _rooms("groups", "messages", "isGroupsMessagesProps", **_MESSAGES),
    _rooms("im", "messages", "isDmMessagesProps", "username", **_MESSAGES),
    _rooms("dm", "messages", "isDmMessagesProps", "username", **_MESSAGES),
    _rooms("channels", "files", "isChannelsFilesListProps", **_FILES),
    _rooms("groups", "files", "isGroupsFilesProps", **_FILES),
    _rooms("im", "files", "isDmFileProps", "username", **_FILES),
    _rooms("dm", "files", "isDmFileProps", "username", **_FILES),
    Endpoint("GET", "chat.getMessage", "isChatGetMessageProps", {"msgId": "m"}),
    Endpoint(
        "GET",
        "chat.search",
        "isChatSearchProps",
        {**_PAGE, "roomId": "general", "searchText": "a"},
    ),
    Endpoint(
        "GET",
        "chat.getThreadsList",
        "isChatGetThreadsListProps",
        {**_PAGE, "rid": "general", "text": "a", "sort": '{"tlm": -1}'},
    ),
    Endpoint(
        "GET",
        "chat.getThreadMessages",
        "isChatGetThreadMessagesProps",
        {**_PAGE, "tmid": "m", "sort": '{"ts": 1}'},
    ),
)
ENDPOINTS: Final = (*_IMPORTS_AND_ACCOUNTS, *_ROOMS)

_NOT_PUBLISHED: Final = "The typings publish no function for this input."
_NO_INPUT: Final = "Anything that is sent is ignored."
NOT_VALIDATED: Final = {
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
    "permissions.addRole": _NOT_PUBLISHED,
    "permissions.removeRole": _NOT_PUBLISHED,
    "roles.sync": _NOT_PUBLISHED,
    "roles.getUsersInPublicRoles": _NO_INPUT,
    "file-upload/<slug:public_id>": _NO_INPUT,
    "channels.info": _NOT_PUBLISHED,
    "channels.members": _NOT_PUBLISHED,
    **{
        f"{prefix}.{action}": _NOT_PUBLISHED
        for prefix in ("im", "dm")
        for action in ("list", "info")
    },
}
"""Endpoints whose input is not validated, with the reason."""

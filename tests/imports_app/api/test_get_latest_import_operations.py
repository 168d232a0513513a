from __future__ import annotations

from tests.conftest import ApiClient


def test_answers_an_empty_list_when_there_are_none(importer_api: ApiClient) -> None:
    response = importer_api.get("getLatestImportOperations")

    assert response.status_code == 200
    assert response.json() == []

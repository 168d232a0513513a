"""Guesses about a source are counted and listed in the API and the admin."""

from __future__ import annotations

from django.test import Client

from imports_app.models import ImportRecord, KindCount
from tests.conftest import ApiClient
from tests.factories import UserFactory
from tests.imports_app.api.importing import imported, packed, staged
from tests.working import work

ENTRIES = {
    "users.csv": "ann,,Ann\nbert,bert@example.org,Bert\n",
    "channels.csv": "news,ann,public,ann;bert\n",
    "news/1.csv": (
        "ann,1600000000,in seconds\n"
        "bert,1600000001000,in milliseconds\n"
        'nobody,1600000002,"in seconds, and by nobody"\n'
    ),
}


def guessed() -> dict[str, int]:
    return dict(KindCount.objects.values_list("kind", "guessed"))


def test_guesses_are_counted_before_the_run(importer_api: ApiClient) -> None:
    UserFactory.create(username="ann")
    operation = staged(importer_api, packed(ENTRIES))

    assert guessed() == {"user": 0, "channel": 0, "message": 2}
    report = importer_api.get(f"importOperations/{operation.public_id}").json()
    guesses = report["operation"]["report"]["guesses"]
    match = guesses["importer-matched-by-username"]
    assert match["count"] == 1
    assert match["examples"] == [{"file": "users.csv", "line": 1}]
    guess = guesses["importer-time-in-seconds"]
    assert guess["count"] == 2
    assert guess["examples"][0] == {"file": "news/1.csv", "line": 1}


def test_guesses_are_listed_after_the_run_with_every_outcome(
    importer_api: ApiClient,
) -> None:
    UserFactory.create(username="ann")
    operation = imported(importer_api, packed(ENTRIES))

    assert guessed() == {"user": 1, "channel": 0, "message": 2}
    for count in KindCount.objects.all():
        completed = count.imported + count.updated + count.unchanged
        outcomes = completed + count.skipped + count.failed
        assert outcomes == count.staged >= count.guessed
    assert operation.report["guesses"]["importer-matched-by-username"]["count"] == 1
    page = f"importOperations/{operation.public_id}/records"
    rows = importer_api.get(page, {"guessed": "true"}).json()["records"]
    assert [(row["kind"], row["guess"], row["outcome"]) for row in rows] == [
        ("user", "importer-matched-by-username", "updated"),
        ("message", "importer-time-in-seconds", "failed"),
    ]


def test_a_guess_of_the_reader_and_one_of_the_run_count_once(
    importer_api: ApiClient,
) -> None:
    UserFactory.create(username="ann")
    staged(importer_api, packed(ENTRIES))
    ImportRecord.objects.filter(kind="user", import_id="ann").update(guess="x")
    KindCount.objects.filter(kind="user").update(guessed=1)

    importer_api.post("startImport", {"input": {"users": {"all": True}}})
    work()

    assert guessed()["user"] == 1


def test_the_admin_lists_guessed_records(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    UserFactory.create(username="ann")
    operation = imported(importer_api, packed(ENTRIES))
    page = f"/admin/imports_app/importoperation/{operation.pk}/change/"
    records = "/admin/imports_app/importrecord/"

    assert "Guessed: please check" in importer_browser.get(page).content.decode()
    query = f"operation__id__exact={operation.pk}&guess=any&kind__exact=user"
    listed = importer_browser.get(f"{records}?{query}").content.decode()
    assert ">ann<" in listed
    assert ">bert<" not in listed
    pk = ImportRecord.objects.get(kind="user", import_id="ann").pk
    shown = importer_browser.get(f"{records}{pk}/change/").content.decode()
    assert "Guessed: Matched by username" in shown

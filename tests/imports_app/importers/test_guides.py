"""Every listed importer has a guide with a working template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imports_app.importers.base import Importer
from imports_app.importers.guide import Guide
from imports_app.importers.registry import visible_importers
from imports_app.models import ImportRecord, Outcome
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.imports_app.api.importing import EVERYTHING, current
from tests.imports_app.importers.reading import check
from tests.working import work

CHOICES = pytest.mark.parametrize(
    "importer", visible_importers(), ids=lambda one: one.key
)


def guide_of(importer: type[Importer]) -> Guide:
    assert importer.guide is not None
    return importer.guide


@CHOICES
def test_template_can_be_imported_unchanged(
    importer: type[Importer], importer_api: ApiClient
) -> None:
    template = guide_of(importer).template.as_bytes()
    path = f"importOperations/file?importerKey={importer.key}&fileName=template"
    importer_api.request("PUT", path, data=template)
    importer_api.get("getImportFileData")
    work()
    assert importer_api.post("startImport", {"input": EVERYTHING}).json() == {
        "success": True
    }
    work()

    assert current().status == Status.DONE
    outcomes = set(ImportRecord.objects.values_list("outcome", flat=True))
    assert outcomes == {Outcome.IMPORTED}


@CHOICES
def test_template_has_no_warnings(importer: type[Importer], tmp_path: Path) -> None:
    path = tmp_path / "template"
    path.write_bytes(guide_of(importer).template.as_bytes())

    harmless = {"importer-kind-of-export"}
    assert check(importer, path) <= harmless


@CHOICES
def test_template_is_reproducible(
    importer: type[Importer],
) -> None:
    guide = guide_of(importer)

    assert guide.template.as_bytes() == guide.template.as_bytes()
    assert guide.template.file_name.endswith(guide.suffixes)


@CHOICES
def test_guide_fits_a_phone(importer: type[Importer]) -> None:
    guide = guide_of(importer)

    assert max(map(len, guide.layout.splitlines())) <= 45
    for text in (guide.purpose, *guide.notes):
        assert re.fullmatch(r".+\.", text)

from __future__ import annotations

from drf_spectacular.generators import SchemaGenerator

from tests.contract.client_types import CLIENT, with_types


def test_the_client_has_the_types_of_the_description() -> None:
    description = SchemaGenerator().get_schema(request=None, public=True)

    source = CLIENT.read_text()

    hint = "run: python -m tests.contract.client_types"
    assert with_types(source, description) == source, hint

"""The types of docs/clients/import_client.py, generated from the API's description.

`python -m tests.contract.client_types` writes them into the file again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from pathlib import Path
from typing import Any, Final

CLIENT: Final = Path(__file__).parents[3] / "docs/clients/import_client.py"
BEGIN: Final = "# Generated from the API's description: begin\n"
END: Final = "# Generated from the API's description: end\n"
_LINE: Final = 88
_SCALARS: Final = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
}
# A name for the answer of a call, or for a property of it.
_NAMED: Final = (
    ("Operation", "put", "/importOperations/file", ("operation",)),
    ("OperationDetails", "get", "/importOperations/{public_id}", ("operation",)),
    ("Upload", "get", "/importOperations/uploads/{public_id}", ("upload",)),
    ("Record", "get", "/importOperations/{public_id}/records", ("records",)),
    ("UndoPreview", "get", "/importOperations/{public_id}/undo", ("preview",)),
    ("ImportData", "get", "/getImportFileData", ()),
    ("Progress", "get", "/getImportProgress", ()),
)


class _Types:
    """Python types for schemas. Equal schemas get the same name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[str, str] = {}

    def type_of(self, schema: Mapping[str, Any], name: str) -> str:
        """Return the type's expression; define the type under the name if needed."""
        if (found := schema.get("oneOf") or schema.get("anyOf")) is not None:
            return self._union(found, name)
        if "const" in schema:
            return f"Literal[{schema['const']!r}]"
        if "enum" in schema:
            return self._define(schema, name, self._literal)
        kind = schema["type"]
        if isinstance(kind, list):
            return " | ".join(_SCALARS[entry] for entry in kind)
        if kind == "array":
            return f"list[{self.type_of(schema['items'], name.removesuffix('s'))}]"
        if kind != "object":
            return _SCALARS[kind]
        if schema.get("properties"):
            return self._define(schema, name, self._document)
        if isinstance(values := schema.get("additionalProperties"), dict):
            return f"dict[str, {self.type_of(values, name.removesuffix('s'))}]"
        return "dict[str, Any]"

    def _union(self, schemas: list[Any], name: str) -> str:
        documents = [entry for entry in schemas if entry.get("properties")]
        names = [name, f"{name}Waiting"] if len(documents) > 1 else [name] * 2
        return " | ".join(map(self.type_of, schemas, names))

    def _define(self, schema: Any, name: str, lines_of: Any) -> str:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._names:
            if name in self._names.values():
                name = f"{name}{len(self._names)}"
            self._names[key] = name
            self.lines += lines_of(schema, name)
        return self._names[key]

    def _literal(self, schema: Any, name: str) -> Iterator[str]:
        yield f"{name} = Literal["
        yield from (f'    "{value}",' for value in schema["enum"])
        yield from ("]", "", "")

    def _document(self, schema: Any, name: str) -> list[str]:
        required = schema.get("required", ())
        fields = {}
        for key, inner in schema["properties"].items():
            inner_type = self.type_of(inner, f"{name}{key[:1].upper()}{key[1:]}")
            is_required = key in required
            fields[key] = inner_type if is_required else f"NotRequired[{inner_type}]"
        if all(key.isidentifier() and not iskeyword(key) for key in fields):
            body = [f"    {key}: {value}" for key, value in fields.items()]
            return [f"class {name}(TypedDict):", *body, "", ""]
        body = [f'        "{key}": {value},' for key, value in fields.items()]
        head = [f"{name} = TypedDict(", f'    "{name}",', "    {"]
        return [*head, *body, "    },", ")", "", ""]


def types_of(description: Mapping[str, Any]) -> str:
    """Return the source of the types, for the document of /api/schema/."""
    types = _Types()
    for name, method, path, inner in _NAMED:
        answer = description["paths"][f"/api/v1{path}"][method]["responses"]["200"]
        schema = answer["content"]["application/json"]["schema"]
        for key in inner:
            schema = schema["properties"][key]
        types.type_of(schema.get("items", schema), name)
    return "\n".join(types.lines).rstrip("\n") + "\n"


def with_types(source: str, description: Mapping[str, Any]) -> str:
    """Return the client's source with its types replaced."""
    before, rest = source.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{types_of(description)}\n\n{END}{after}"

"""One noun, one spelling: the SDK's methods are the API's operations, and the reverse."""

from __future__ import annotations

import inspect
import json
import keyword

from cerebro_cli import facts
from cerebro_sdk import AsyncCerebro, Cerebro
from cerebro_sdk.schemas.base import ALL
from cerebro_server import registry
from tests.architecture.source import ROOT

VERBS = {"get", "post", "put", "patch", "delete"}
DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
# Operations that no program needs a method for: probes, metrics, the documentation itself.
OUTSIDE = {"/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/"}


# `contacts.update_plan` plans an operation of kind `contacts.update`
PLAN = "_plan"
# `changes.follow` asks `changes.list` again and again
FOLLOW = "follow"
SPLIT = "split"
"""Takes back the last operation of kind `contacts.merge`."""
SCAN = "scan"
"""`contacts.duplicates.scan` does an operation of kind `contacts.find_duplicates`."""
SCAN = "scan"
"""`contacts.duplicates.scan` does an operation of kind `contacts.find_duplicates`."""


def operations() -> set[str]:
    """Return every operationId below /v1; whatever else there is must be a listed exception."""
    found = set()
    for path, item in DOCUMENT["paths"].items():
        for verb in VERBS & set(item):
            if path not in OUTSIDE:
                found.add(item[verb]["operationId"])
    return found


def methods(client: object) -> set[str]:
    """Return every method of every resource as an operationId: `import_` is `companies.import`."""
    found = set()
    for name in dir(type(client)):
        if name.startswith("_") or inspect.isfunction(inspect.getattr_static(type(client), name)):
            continue
        resource = getattr(client, name)
        found |= named(name, resource)
        if hasattr(resource, "duplicates"):  # the same of every noun
            found |= named("duplicates", resource.duplicates)
    return found


def named(name: str, resource: object) -> set[str]:
    """Return the methods of one resource as operationIds."""
    found = set()
    for method, _ in inspect.getmembers(type(resource), inspect.isfunction):
        word = method.removesuffix("_") if keyword.iskeyword(method.rstrip("_")) else method
        is_own = word.endswith(PLAN) or word in (FOLLOW, SPLIT, SCAN)
        if not word.startswith("_") and not is_own:
            found.add(f"{name}.{word}")
    return found


def test_every_operation_has_a_method_and_every_method_an_operation() -> None:
    assert methods(AsyncCerebro("http://127.0.0.1:1", "key")) == operations()
    assert methods(Cerebro("http://127.0.0.1:1", "key")) == operations()


def test_every_operation_lies_below_v1_or_is_a_listed_exception() -> None:
    assert not {path for path in DOCUMENT["paths"] if not path.startswith("/v1/")} - OUTSIDE


def test_every_operation_says_what_it_does() -> None:
    silent = [
        item[verb]["operationId"]
        for item in DOCUMENT["paths"].values()
        for verb in VERBS & set(item)
        if not item[verb].get("summary") or not item[verb].get("description")
    ]
    assert not silent


def test_nouns_are_called_the_same_everywhere() -> None:
    nouns = {record_type.name for record_type in registry.record_types() if record_type.noun.verbs}
    assert nouns <= set(facts.nouns())
    assert nouns <= {operation.partition(".")[0] for operation in operations()}
    assert nouns <= set(dir(AsyncCerebro))
    for noun in nouns:
        assert f"/v1/{noun}" in DOCUMENT["paths"]


def test_every_record_type_has_the_operations_of_its_noun() -> None:
    for record_type in registry.record_types():
        verbs = record_type.noun.verbs
        if not verbs:  # a setting that has routes of its own
            continue
        named = {f"{record_type.name}.{verb}" for verb in verbs}
        assert named <= operations()
        spare = {f"{record_type.name}.{verb}" for verb in set(ALL) - {*verbs, "create"}}
        assert not spare & operations()
        # a filter as a tree is for programs; the command line takes its text
        typed = tuple(verb for verb in verbs if verb != "search")
        assert facts.nouns()[record_type.name].verbs == typed

"""The JSON Schema alone and the models alone say the same of the same documents."""

from engine.core.check_json import tidy
from engine.core.check_model import read_flow
from engine.core.schema import compose_schema
from engine.core.schema_error import schema_problems, validator
from nodes import node_types
from tests.schema.mutation import mutated
from tests.schema.sound import CONFIGS, DOCUMENTS

TYPES = node_types()
CHECKER = validator(compose_schema(TYPES))
COUNT = 10_000


def test_the_sound_documents_are_sound():
    for document in DOCUMENTS:
        assert schema_problems(document, CHECKER) == []
        assert read_flow(document, TYPES).problems == ()


def test_the_sound_documents_use_every_key_of_every_config():
    unused = {
        f"{name}.{field.alias or key}"
        for name, node_type in TYPES.items()
        for key, field in node_type.Config.model_fields.items()
        if not any(type == name and (field.alias or key) in config for type, config in CONFIGS)
    }
    assert unused == set()


def test_they_agree_on_ten_thousand_documents():
    accepted = 0
    for document in mutated(DOCUMENTS, COUNT, seed=1):
        clean, unsound = tidy(document)
        assert unsound == []
        problems = read_flow(clean, TYPES).problems
        by_models = {problem.pointer for problem in problems}
        by_schema = dict(schema_problems(document, CHECKER))
        assert bool(by_models) == bool(by_schema), document
        if "newer_schema" in {problem.code for problem in problems}:
            assert "/schema" in by_schema
            continue  # nothing else is read of a document in a form that isn't known
        # The models stop reading a list at its bound; the schema goes on.
        long = tuple(
            pointer for pointer, message in by_schema.items() if message.startswith("[") and message.endswith("is too long")
        )
        beyond = {pointer for pointer in by_schema if any(pointer == each or pointer.startswith(each + "/") for each in long)}
        assert by_models | beyond == by_schema.keys(), document
        accepted += not by_models
    assert COUNT * 0.1 < accepted < COUNT * 0.9, "the documents show both answers"

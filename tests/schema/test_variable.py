"""What the checker says of variables, and of what a flow names outside itself."""

from engine.core.check import NOTHING_KNOWN, Checked, check
from engine.core.scope import Scope
from nodes import node_types
from schemas.capability import Capabilities
from tests.schema.tiny import checked, edge, flow, found, node, the

START = node("start", "start")


def said(text: str, scope: Scope = NOTHING_KNOWN, *, start: dict[str, object] = START, **more: object) -> Checked:
    return checked([start, node("say", "say", text=text)], [edge("start", "say")], scope, **more)


def around(**facts: object) -> Scope:
    return Scope(NOTHING_KNOWN.build, **facts)  # type: ignore[arg-type]


def test_an_unknown_merge_field_is_an_error_once():
    assert found("unknown_variable", said("Hi {{contact.nam.e}}")) == [("error", "/nodes/1/config/text")]
    assert found("unknown_variable", said("Hi {{contact.name}}")) == []


def test_an_unknown_path_that_a_node_reads_has_a_suggestion():
    result = checked([START, node("say", "say", text="", reads=["mesage.text"])], [edge("start", "say")])
    problem = the("unknown_variable", result)
    assert problem.pointer == "/nodes/1/config/reads/0"
    assert problem.hint == "Did you mean “message.text”?"


def test_an_unknown_rule_subject_is_told_once():
    rule = {"subject": "mesage.text", "op": "is_set"}
    nodes = [node("start", "trigger", on={"kind": "api"}), node("c", "condition", branches=[{"id": "a", "rule": rule}])]
    result = check(flow(nodes, [edge("start", "c")]), node_types())
    errors = [(problem.code, problem.pointer) for problem in result.problems if problem.level == "error"]
    assert errors == [("unknown_subject", "/nodes/1/config/branches/0/rule/subject")]


def test_a_variable_is_declared_twice():
    result = said("{{x}}", variables=[{"name": "x"}, {"name": "x"}])
    assert found("duplicate_variable", result) == [("error", "/variables/1/name")]


def test_a_default_of_another_type():
    result = said(
        "{{x}}",
        variables=[{"name": "x", "type": "number", "default": "5"}, {"name": "y", "type": "date", "default": "2026-02-30"}],
    )
    assert found("bad_default", result) == [("error", "/variables/0/default"), ("error", "/variables/1/default")]


def test_declared_but_not_used():
    assert found("unused_variable", said("", variables=[{"name": "x"}])) == [("info", "/variables/0")]
    assert found("unused_variable", said("{{var.x}}", variables=[{"name": "x"}])) == []


def test_read_where_nothing_has_set_it():
    variables = [{"name": "x"}]
    assert found("unset_variable", said("{{x}}", variables=variables)) == [("warning", "/nodes/1/config/text")]
    assert found("unset_variable", said("{{x}}", variables=[{"name": "x", "default": "a"}])) == []
    assert found("unset_variable", said("{{x}}", start=node("start", "start", on="api"), variables=variables)) == []
    assert found("unset_variable", said("{{x}}", start=node("start", "start", sets=["x"]))) == []


def test_set_on_one_way_is_enough_and_set_later_is_not():
    nodes = [
        START,
        node("fork", "fork"),
        node("ask", "ask", save_as="x"),
        node("say", "say", text="{{x}}"),
        node("early", "say", text="{{x}}"),
    ]
    one_way = [edge("start", "early"), edge("early", "fork"), edge("fork.a", "ask"), edge("fork.b", "say"), edge("ask", "say")]
    assert found("unset_variable", checked(nodes, one_way)) == [("warning", "/nodes/4/config/text")]
    round_trip = [*one_way, edge("say", "early")]
    assert found("unset_variable", checked(nodes, round_trip)) == []


def test_a_field_that_nobody_made_will_be_empty():
    scope = around(fields={"plan": "text"})
    problem = the("unknown_field", said("{{contact.plam}} {{contact.fields.plan}} {{contact.name}}", scope))
    assert (problem.level, problem.hint) == ("warning", "Did you mean “plan”?")
    assert found("unknown_field", said("{{contact.plam}}")) == [], "nothing is known about fields"


def test_references_to_what_does_not_exist():
    say = node("say", "say", text="", team="tm_2", template="welcome")
    nodes, edges = [START, say], [edge("start", "say")]
    result = checked(nodes, edges, around(teams={"tm_1"}, templates={}), settings={"handoff_team": "tm_9"})
    assert found("unknown_team", result) == [("error", "/nodes/1/config/team"), ("error", "/settings/handoff_team")]
    assert found("unknown_template", result) == [("warning", "/nodes/1/config/template")]
    known = checked(nodes, edges, around(teams={"tm_2"}, templates={"welcome": "approved"}))
    assert [problem.code for problem in known.problems if problem.level == "error"] == []
    assert checked(nodes, edges).program is not None, "nothing is known, so nothing is judged"


def test_a_template_that_is_not_approved():
    scope = around(templates={"welcome": "PENDING"})
    result = checked([START, node("say", "say", text="", template="welcome")], [edge("start", "say")], scope)
    assert found("template_not_approved", result) == [("warning", "/nodes/1/config/template")]


def test_limits_of_the_channels_in_scope():
    scope = around(channels={"Shop chat": Capabilities(text=3)})
    assert found("too_long_for_channel", said("Hello", scope)) == [("error", "/nodes/1/config/text")]
    assert found("too_long_for_channel", said("Hello")) == []


def test_globals_and_hours_that_nobody_made():
    scope = around(globals={"shop_name": "text"}, hours={"business", "shop"})
    problem = the("unknown_global", said("{{global.shop_nam}} {{global.shop_name}} {{hours.shop}}", scope))
    assert (problem.level, problem.hint) == ("warning", "Did you mean “shop_name”?")
    assert found("unknown_hours", said("{{hours.shpo}} {{hours.business}}", scope)) == [("error", "/nodes/1/config/text")]
    assert found("unknown_hours", said("{{hours.shpo}}")) == [], "nothing is known about hours"
    assert found("unknown_variable", said("{{global.no-name}}", scope)) == [("error", "/nodes/1/config/text")]

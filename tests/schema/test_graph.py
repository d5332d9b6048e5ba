"""What the checker says of a graph's shape."""

from tests.schema.tiny import checked, edge, found, node, the

START, SAY, ASK = node("start", "start"), node("say", "say", text="Hi"), node("ask", "ask")


def test_a_sound_flow_has_no_errors_and_gives_a_program():
    result = checked([START, SAY], [edge("start", "say")])
    assert [problem.level for problem in result.problems if problem.level == "error"] == []
    assert result.document is not None
    assert result.program is not None
    assert result.program.nodes["start"].wired == {"next": "say"}


def test_a_flow_with_errors_gives_no_program():
    result = checked([START, SAY], [edge("start", "nobody")])
    assert result.document is not None
    assert result.program is None


def test_edges_dangle_at_either_end():
    result = checked([START, SAY], [edge("start", "sai"), edge("ghost", "say")])
    assert found("dangling_edge", result) == [("error", "/edges/0/to"), ("error", "/edges/1/from")]
    assert result.problems[0].hint == "Did you mean “say”?"


def test_an_edge_to_a_node_that_is_broken_does_not_dangle():
    result = checked([START, {"id": "say", "type": "say", "label": 5}], [edge("start", "say")])
    assert found("dangling_edge", result) == []
    assert found("wrong_type", result) == [("error", "/nodes/1/label")]


def test_an_unknown_port_lists_the_ports():
    problem = the("unknown_port", checked([START, ASK], [edge("start", "ask"), edge("ask.answered", "ask")]))
    assert problem.pointer == "/edges/1/port"
    assert "next and timeout" in problem.hint


def test_two_edges_from_one_port():
    result = checked([START, SAY, ASK], [edge("start", "say"), edge("start", "ask")])
    assert found("duplicate_edge", result) == [("error", "/edges/1")]


def test_two_nodes_with_one_id():
    result = checked([START, SAY, SAY], [edge("start", "say")])
    assert found("duplicate_id", result) == [("error", "/nodes/2/id")]


def test_no_trigger():
    assert found("no_trigger", checked([SAY], [])) == [("error", "/nodes")]
    assert found("no_trigger", checked([START], [])) == []
    broken = node("start", "start", on="never")
    assert found("no_trigger", checked([broken], [])) == [], "a broken trigger is still meant as one"


def test_an_edge_into_a_trigger():
    result = checked([START, ASK], [edge("start", "ask"), edge("ask", "start")])
    assert found("edge_into_trigger", result) == [("error", "/edges/1/to")]


def test_what_cannot_be_reached():
    nodes = [START, SAY, node("a", "say", text="A"), node("b", "say", text="B")]
    result = checked(nodes, [edge("start", "say"), edge("a", "b")])
    assert found("unreachable", result) == [("warning", "/nodes/2"), ("warning", "/nodes/3")]


def test_dead_ends():
    assert found("dead_end", checked([START, SAY], [edge("start", "say")])) == [("info", "/nodes/1")]
    assert found("dead_end", checked([START], [])) == [("warning", "/nodes/0")]


def test_open_ports_name_the_fallback_that_applies():
    nodes, edges = [START, ASK, SAY], [edge("start", "ask"), edge("ask", "say")]
    ends = {problem.pointer: problem for problem in checked(nodes, edges).problems if problem.code == "open_port"}
    assert ends["/nodes/1"].message == "The port “No answer” of “ask” leads nowhere: the run ends."
    assert "“Not delivered” and “Window closed” of “say” lead nowhere: the run ends as failed" in ends["/nodes/2"].message
    assert {problem.level for problem in ends.values()} == {"warning"}
    handed = checked(nodes, edges, settings={"on_timeout": "handoff", "on_error": "handoff", "handoff_team": "tm_1"})
    messages = [problem.message for problem in handed.problems if problem.code == "open_port"]
    assert all("handed to its team" in message for message in messages)


def test_an_open_branch_is_only_remarked():
    result = checked([START, node("fork", "fork"), SAY], [edge("start", "fork"), edge("fork.a", "say")])
    assert ("info", "/nodes/1") in found("open_port", result)


def test_a_circle_without_a_wait_names_its_nodes_in_order():
    nodes = [START, *(node(id, "say", text=id) for id in ("c", "a", "b"))]
    nodes[1]["label"] = "Third"
    result = checked(nodes, [edge("start", "a"), edge("a", "b"), edge("b", "c"), edge("c", "a")])
    problem = the("cycle_without_wait", result)
    assert (problem.level, problem.pointer) == ("error", "/nodes/1")
    assert "“Third” → “a” → “b” → “Third”" in problem.message


def test_a_node_that_leads_to_itself():
    result = checked([START, SAY], [edge("start", "say"), edge("say", "say")])
    assert found("cycle_without_wait", result) == [("error", "/nodes/1")]


def test_a_circle_with_a_wait_is_fine():
    result = checked([START, SAY, ASK], [edge("start", "say"), edge("say", "ask"), edge("ask", "say")])
    assert found("cycle_without_wait", result) == []


def test_every_knot_is_told_once_however_many_circles_it_holds():
    ids = [f"n{index}" for index in range(12)]
    nodes = [START, *(node(id, "fork", ways=ids) for id in ids)]
    edges = [edge("start", "n0"), *(edge(f"{one}.{other}", other) for one in ids for other in ids)]
    assert len(found("cycle_without_wait", checked(nodes, edges))) == 1


def test_layout_of_a_node_that_is_gone():
    result = checked([START], [], layout={"start": {"x": 1, "y": 2}, "go/ne": {"x": 1, "y": 2}})
    assert found("layout_without_node", result) == [("info", "/layout/go~1ne")]


def test_a_broken_node_hides_nothing_of_the_others():
    nodes = [START, node("a", "say"), node("b", "sai"), node("c", "pause", hours="2"), SAY]
    result = checked(nodes, [edge("start", "a"), edge("a", "b"), edge("b", "c"), edge("c", "say"), edge("say.nowhere", "a")])
    assert found("missing", result) == [("error", "/nodes/1/config/text")]
    assert found("wrong_type", result) == [("error", "/nodes/3/config/hours")]
    assert found("unknown_port", result) == [("error", "/edges/4/port")]
    problem = the("unknown_node_type", result)
    assert problem.pointer == "/nodes/2/type"
    assert problem.hint.startswith("Did you mean “say”?")
    assert "ask, fork, pause, say and start" in problem.hint


def test_errors_come_first_and_in_the_documents_order():
    nodes = [START, *(node(f"n{index}", "say") for index in range(12))]
    result = checked(nodes, [edge("start", "n0")], layout={"a": {"x": 0, "y": 0}})
    errors = [problem.pointer for problem in result.problems if problem.level == "error"]
    assert errors == [f"/nodes/{index}/config/text" for index in range(1, 13)]
    assert result.problems[0].level == "error"
    assert result.problems[-1].level != "error"

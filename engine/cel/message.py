"""What CEL complains of, in plain words for authors."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.core.expression_source import Fault

_COMPLAINT = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '(.*)'")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_KEY = re.compile(r'Key not found in map : "?([^"]*)"?')
_NO_VALUE = re.compile(r'No value with name "([^"]*)"')
_WORDS = {
    "int": "a whole number", "uint": "a whole number", "double": "a number", "string": "a text", "bool": "true or false",
    "timestamp": "a moment", "duration": "a length of time", "null_type": "nothing", "dyn": "a value", "bytes": "bytes",
}  # fmt: skip
_COMPARING = frozenset({"_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_", "@in", "_?_:_"})


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of a compilation: line and column count from 1, as CEL counts them."""

    line: int
    column: int
    text: str

    def place(self, source: str) -> int:
        """Where it is, as characters from the beginning."""
        lines = source.split("\n")
        before = sum(len(line) + 1 for line in lines[: max(0, self.line - 1)])
        return before + max(0, self.column - 1)


def read_complaints(text: str) -> list[Complaint]:
    """The errors in what a compilation raised; at least one."""
    found = [Complaint(int(line), int(column), said) for line, column, said in _COMPLAINT.findall(text)]
    return found or [Complaint(1, 1, text.partition("\n")[0])]


def mixed(complaint: Complaint) -> bool:
    """True where a whole number of CEL's own is compared with a number of ours."""
    found = _OVERLOAD.search(complaint.text)
    if found is None or found[1] not in _COMPARING:
        return False
    kinds = set(re.findall(r"[a-z_]+", found[2])) - {"list", "bool"}
    return kinds == {"int", "double"}


def fault_of(complaint: Complaint, at: int) -> Fault:
    """A complaint as a fault, in plain words."""
    text = complaint.text.removesuffix(" [INVALID_ARGUMENT]")
    if found := _UNDECLARED.search(text):
        message = f"Nothing is known as “{found[1]}”."
        return Fault("unknown_variable", message, "Choose a variable or a contact field.", at)
    if found := _OVERLOAD.search(text):
        return _mismatch(found[1], found[2], at)
    if "recursion" in text:
        return Fault("costly_expression", "This is nested too deep.", "Split it into branches.", at)
    if "reserved identifier" in text:
        word = text.rpartition(" ")[2]
        hint = "Write the variable's name alone." if word == "var" else "Name the variable otherwise."
        return Fault("bad_expression", f"“{word}” is a word of the language.", hint, at)
    if "operand of a select" in text:
        return Fault("wrong_type", "This has no parts.", "Only objects have parts, as in order.total.", at)
    if "<EOF>" in text:
        return Fault("bad_expression", "Something is missing here.", "Finish the expression.", at)
    said = text.removeprefix("Syntax error: ").partition(" expecting")[0]
    hint = "Write it as contact.age >= 18 && 'vip' in contact.tags."
    return Fault("bad_expression", f"This can't be read: {said[:200]}.", hint, at)


def _mismatch(operator: str, types: str, at: int) -> Fault:
    name = operator.strip("_").replace("_", " ").removeprefix("@") or operator
    name = {"-": "-", "! ": "!", "? :": "? :"}.get(name, name)
    kinds = [_word(each) for each in _arguments(types)]
    message = f"“{name}” can't take {' and '.join(kinds)}."
    if name == "%":
        return Fault("wrong_type", message, "Write int(…) around the number, such as int(contact.age) % 2.", at)
    if {"a whole number", "a number"} == set(kinds):
        return Fault("wrong_type", message, "Write double(…) around the whole number, such as double(size(contact.tags)).", at)
    return Fault("wrong_type", message, "Both sides must be of one kind.", at)


def _arguments(types: str) -> list[str]:
    """The types in "(double, list(string))" or "string.(double)"."""
    found, depth, word = [], 0, ""
    for letter in types.replace(".(", "(", 1) if types[:1] != "(" else types:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if (letter in "(," and depth == 1) or (letter == ")" and depth == 0):
            found.append(word)
            word = ""
        else:
            word += letter
    return [each.strip() for each in found if each.strip()]


def _word(type: str) -> str:
    head = type.partition("(")[0]
    return {"list": "a list", "map": "an object"}.get(head) or _WORDS.get(head, head)


def reason_of(text: str) -> str:
    """Why an evaluation gave no value, in a phrase."""
    if found := _NO_VALUE.search(text):
        return f"{found[1]} has no value"
    if found := _KEY.search(text):
        return f"there is no “{found[1][:60]}”"
    if "udget" in text:
        return "it takes too long"
    if "divide by zero" in text or "modulus by zero" in text:
        return "it divides by 0"
    if "o matching overload" in text or "nexpected value type" in text:
        return "a value is of another kind than it needs"
    if "Index error" in text:
        return "the list has no such item"
    if "overflow" in text or "out of range" in text:
        return "a number is too large"
    return text.partition(": ")[2][:100] or text[:100] or "it has no value"

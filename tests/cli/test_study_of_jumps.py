"""`tensorfem study` of a problem whose coefficient jumps inside cells."""

import json

from tensorfem.cli import exits

JUMP = """
[space]
x = [0.0, 1.0]
y = [0.0, 2.0]
cells = [5, 3]

[problem]
source = 1.0
diffusion = "where(y < 1.1, 1, 100)"

[boundary]
"*" = 0.0

[study]
quantity = "integral"
"""


def test_the_study_says_what_jumps_and_what_to_do(run, write) -> None:
    code, out, err = run("study", write(JUMP))
    assert (code, err) == (exits.CHECK_FAILED, "")
    text = " ".join(out.split())
    assert "UNDECIDED: quantity" in text
    assert "the diffusion jumps by the factor 100 inside 40 of 960 cells, first at x = 0, y = 1.1: orders are limited" in text
    assert "Put mesh nodes at y = 1.1 (tensorfem.Mesh takes nodes)" in text


def test_json(run, write) -> None:
    facts = json.loads(run("study", write(JUMP), "--json")[1])
    assert facts["abrupt"] == {"diffusion": "the diffusion jumps by the factor 100 inside 40 of 960 cells, first at x = 0, y = 1.1"}
    on_faces = JUMP.replace("1.1", "4/3")
    assert json.loads(run("study", write(on_faces), "--json")[1])["abrupt"] == {}

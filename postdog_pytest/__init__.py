"""A pytest plugin: scenarios in `*.test.yaml` beside flows are tests, one for each scenario.

It imports nothing of PostDog but runs `postdog test --json` as a process of its own: PostDog's packages have plain names such
as `schemas`, and a project that is tested may have a `schemas.py` too.
"""

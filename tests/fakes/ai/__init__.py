"""A stand-in for an OpenAI-compatible server: no model, but all that can go wrong with one. It imports nothing of ours."""

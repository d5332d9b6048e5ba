"""A stand-in for Meta's WhatsApp Cloud API ("Graph"): limits, error codes, media, templates, signed webhooks.

It imports nothing of ours. `examples.json` holds the 50 outbound and 16 inbound examples of Meta's public OpenAPI
documents (facebook/openapi v23.0, MIT licence). A shape that is accepted or sent beyond them names its source where it
stands.
"""

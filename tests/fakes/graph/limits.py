"""Meta's numbers, typed in from its documentation and not shared with the code under test."""

TEXT_BODY = 4096
CAPTION = 1024
INTERACTIVE_BODY = 1024
LIST_BODY = 4096  # Meta's list page of November 2025; older pages say 1024
HEADER_TEXT = 60
FOOTER = 60
CALLBACK_DATA = 512
LINK = 2048

BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256

LIST_BUTTON = 20
SECTIONS = 10
SECTION_TITLE = 24
ROWS = 10
ROW_ID = 200
ROW_TITLE = 24
ROW_DESCRIPTION = 72
PRODUCTS = 30  # product_list: "up to 30 products" on Meta's multi-product page

CTA_LABEL = 20
FLOW_CTA = 30  # [mem]; the emoji rule of the same page is not checked

TEMPLATE_NAME = 512
TEMPLATE_BODY = 1024
TEMPLATE_BUTTONS = 10
TEMPLATE_BUTTON_TEXT = 25

WINDOW_S = 24 * 3600.0
MEDIA_URL_S = 300.0
MEDIA_LIFE_S = 30 * 86400.0
INBOUND_MEDIA_LIFE_S = 7 * 86400.0

NUMBER_RATE = 80.0  # messages a second
PAIR_INTERVAL_S = 6.0
PAIR_BURST = 45

KIB = 1024
MIB = 1024 * KIB

# mime type -> (kinds of message that may carry it, bytes). "Supported media types" of Meta's media page.
_DOCUMENT = ({"document"}, 100 * MIB)
MEDIA: dict[str, tuple[set[str], int]] = {
    "image/jpeg": ({"image", "document"}, 5 * MIB),
    "image/png": ({"image", "document"}, 5 * MIB),
    "image/webp": ({"sticker"}, 500 * KIB),
    "video/mp4": ({"video", "document"}, 16 * MIB),
    "video/3gpp": ({"video", "document"}, 16 * MIB),
    "audio/aac": ({"audio", "document"}, 16 * MIB),
    "audio/amr": ({"audio", "document"}, 16 * MIB),
    "audio/mpeg": ({"audio", "document"}, 16 * MIB),
    "audio/mp4": ({"audio", "document"}, 16 * MIB),
    "audio/ogg": ({"audio", "document"}, 16 * MIB),
    "text/plain": _DOCUMENT,
    "application/pdf": _DOCUMENT,
    "application/msword": _DOCUMENT,
    "application/vnd.ms-excel": _DOCUMENT,
    "application/vnd.ms-powerpoint": _DOCUMENT,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": _DOCUMENT,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _DOCUMENT,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": _DOCUMENT,
}
UPLOAD_BYTES = 100 * MIB

"""Lets most generated changes come as far as the database. SCHEMATHESIS_HOOKS names this file.

Nearly every generated header is wrong, and a request with a wrong header is refused before its body
is looked at. So three changes of four go without the headers that they could do without.
"""

import zlib

import schemathesis

CHANGES = {"POST", "PUT", "PATCH", "DELETE"}
OPTIONAL = {
    "if-match",
    "if-none-match",
    "odata-maxversion",
    "prefer",
    "repeatability-first-sent",
    "repeatability-request-id",
}


@schemathesis.hook
def before_call(context, case, kwargs):
    seen = repr((case.path, case.path_parameters, case.body)).encode("utf-8", "replace")
    if case.method.upper() in CHANGES and zlib.crc32(seen) % 4:
        for name in [name for name in case.headers if name.lower() in OPTIONAL]:
            del case.headers[name]

"""Lets most generated requests come as far as the database. SCHEMATHESIS_HOOKS names this file.

Nearly every generated header is wrong, and a request with a wrong header is refused before its body
is looked at. So three requests of four go without the headers that they could do without.
"""

import zlib

import schemathesis

OPTIONAL = {
    "if-match",
    "if-none-match",
    "odata-maxversion",
    "prefer",
    "repeatability-first-sent",
    "repeatability-request-id",
    "transactionid",
}


@schemathesis.hook
def before_call(context, case, kwargs):
    seen = repr((case.path, case.path_parameters, case.query, case.body)).encode("utf-8", "replace")
    if zlib.crc32(seen) % 4:
        for name in [name for name in case.headers if name.lower() in OPTIONAL]:
            del case.headers[name]

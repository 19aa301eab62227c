# `just` lists the recipes.
default:
    @just --list --unsorted

# Everything a change must pass: the very script that CI runs.
ci:
    .ci/run

# A server with demo users on 127.0.0.1:8080.
serve *ARGS:
    cargo run --release -- serve --demo {{ARGS}}

# All tests; `just test layering` runs one file of tests/.
test FILE='':
    cargo test {{ if FILE == '' { '' } else { '--test ' + FILE } }}

# The quick loop: unit tests of one room, `just unit bind`.
unit ROOM:
    cargo test --lib {{ROOM}}::

# All tests, with PostgreSQL required and not skipped.
test-postgres:
    USERDEX_REQUIRE_POSTGRES=1 cargo test

# Generated requests to both databases, by the thousand: `just generated 1000000 7`. A failure names the request.
generated COUNT='1000000' SEED='1':
    USERDEX_REQUIRE_POSTGRES=1 USERDEX_GENERATED={{COUNT}} USERDEX_SEED={{SEED}} USERDEX_CLIENTS=3 \
        cargo test --release --test differential -- --nocapture --test-threads=1

# Format, clippy, rustdoc.
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

# Formats everything.
fmt:
    cargo fmt

# Licences, sources, duplicate crates (needs cargo-deny).
deny:
    cargo deny check bans licenses sources

# The model and its faults.
model:
    cargo run -- model check

# Writes the OpenAPI document that is kept in the repository.
openapi:
    cargo run -- openapi --output openapi/openapi.json

# Writes docs/ERRORS.md, docs/RULES.md and docs/reference/.
reference:
    cargo run -- model docs docs

# Writes docs/CONFORMANCE.md from the tables in tests/conformance/.
conformance:
    USERDEX_WRITE_DOCS=1 cargo test --test conformance

# The API documentation of the code.
docs:
    cargo doc --no-deps --document-private-items --open

# Accepts changed snapshots after looking at each (needs cargo-insta).
snapshots:
    cargo insta review

# Benchmarks; `just bench parse` runs those with that name.
bench *NAME:
    cargo bench -- {{NAME}}

# Fuzzes the parser, the binder and the reader of payloads for a minute (needs cargo-fuzz and a nightly toolchain).
fuzz SECONDS='60':
    cargo +nightly fuzz run query -- -max_total_time={{SECONDS}}
    cargo +nightly fuzz run payload -- -max_total_time={{SECONDS}}

# Stock OData clients and Chromium against a running server.
clients ROOT='http://127.0.0.1:8080/api/domain/odata/':
    npm ci --prefix tests/clients
    node tests/clients/o_js.mjs {{ROOT}}
    node tests/clients/shapes.mjs {{ROOT}}
    node tests/clients/browser.mjs {{ROOT}}
    python3 -m venv target/clients-venv && target/clients-venv/bin/pip install -qr tests/clients/requirements.txt
    target/clients-venv/bin/python tests/clients/python_odata.py {{ROOT}}

//! The `userdex` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// What all memory of the program comes from, that of SQLite too (docs/decisions/002-dependencies.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    userdex::cli::main()
}

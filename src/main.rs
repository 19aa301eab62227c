//! The `userdex` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    userdex::cli::main()
}

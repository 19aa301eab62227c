//! The `userdex` program.

fn main() {}

//! The server over real sockets.

mod changes;
mod errors;
mod harness;
mod pipes;
mod plain;
mod served;

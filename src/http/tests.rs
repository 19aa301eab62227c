//! The server over real sockets.

mod errors;
mod harness;
mod pipes;
mod plain;
mod served;

//! The server over real sockets.

mod batches;
mod changes;
mod errors;
pub(super) mod harness;
mod pipes;
mod plain;
mod served;
mod tls;
mod transport;

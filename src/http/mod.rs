//! The web server: addresses, headers, error bodies, streams, health and metrics.
//!
//! Knows HTTP and turns it into the plain data that [`crate::service`] takes and gives. Must never
//! know SQL, a database, or what stands in a query: path and query are handed on as they came.
//!
//! One function, `answer`, is the way of every request; [`ROUTES`] is the whole map of addresses.

mod answer;
mod aside;
mod asked;
mod batch;
mod change;
mod conditional;
mod docs;
mod entry;
mod error_body;
mod events;
mod exports;
mod gate;
mod headers;
mod health;
mod language;
mod later;
mod methods;
mod metrics;
mod models;
mod negotiate;
mod odata;
pub mod openapi;
mod pages;
mod payload;
mod pipe;
mod preferences;
mod query_segment;
mod repeatable;
mod request_id;
mod route;
mod server;
mod sign_in;
mod site;
mod slot;
mod tokens;
mod transport;

#[cfg(test)]
mod tests;

pub use later::LaterSettings;
pub use route::{Address, Audience, Extent, ROUTES};
pub use server::{serve, serve_until};
pub use site::{Backend, Options, Site};
pub use transport::{Limits, Peer, RequestLimits, SignInLimits, TlsFiles, TransportSettings};

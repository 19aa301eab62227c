//! The web server.

pub mod openapi;

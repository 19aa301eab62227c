//! Userdex: an OData V4 service over a user directory.
//!
//! ```text
//!  reads   http ─► service ─► syntax ─► bind ─► plan ─► sql ─► store ─► encode ─► http
//!                               │         ▲                       rows ┘
//!                         (knows no model) └── model ◄── metadata/*
//! ```
//!
//! Each stage has its own types; what one stage has checked, the next cannot receive unchecked.
//! Nothing to the right of `syntax` sees text; nothing to the right of `bind` fails because of how
//! a query was written. `docs/ARCHITECTURE.md` walks through one request.

pub mod access;
pub mod audit;
pub mod bind;
pub mod change;
pub mod cli;
pub mod config;
pub mod demo;
pub mod diag;
pub mod encode;
pub mod http;
pub mod methods;
pub mod model;
pub mod outgoing;
pub mod plan;
pub mod rules;
pub mod service;
pub mod sql;
pub mod store;
pub mod syntax;
pub mod value;

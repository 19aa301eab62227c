//! Changes over HTTP, from outside: a real server over each kind of database, and the same tests on
//! both.

#[path = "../support/mod.rs"]
mod support;

mod attributes;
mod clients;
mod everything;
mod headers;
mod objects;
mod references;
mod rules;
mod users;

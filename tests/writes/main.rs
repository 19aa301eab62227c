//! Changes over HTTP, from outside: a real server over each kind of database, and the same tests on
//! both.

#[path = "../support/mod.rs"]
mod support;

mod attributes;
mod clients;
mod costs;
mod everything;
mod finding;
mod headers;
mod history;
mod objects;
mod references;
mod repeat;
mod rules;
mod secrets;
mod users;

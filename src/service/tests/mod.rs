//! The stories over a small database, and the choice of formats.

mod fixture;
mod formats;
mod reads;

//! Text ⇄ AST: the whole OData 4.01 URL language. nom lives here only.
//!
//! Knows the grammar (OASIS `odata-abnf-construction-rules`) and nothing else: no model, no types,
//! no database. What the grammar knows is read; whether the service offers it, the binder says.

pub mod ast;
mod limits;

pub use limits::{Depth, Limits};

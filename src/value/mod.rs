//! Values and their kinds: the same value as a literal, as JSON and as a database cell.
//!
//! Knows the primitive types of OData that the model uses and how each is written.
//! Must never know the model, the query language or a database.

mod custom;
mod duration;
mod fold;
mod function;
mod kind;
mod language;
mod multilanguage;
mod scalar;
mod timestamp;

pub use custom::CustomValue;
pub use duration::{parse_duration, print_duration};
pub use fold::{LANGUAGE_SEPARATOR, LANGUAGE_START, fold, fold_multilanguage};
pub use function::{Arithmetic, Function, NoValue, Rounding, TextFunction, TimeFunction};
pub use kind::{Kind, Value};
pub use language::Language;
pub use multilanguage::MultilanguageString;
pub use scalar::{Scalar, nearest, real, whole};
pub use timestamp::{Interval, Timestamp};

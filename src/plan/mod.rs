//! Checked requests as plain data.
//!
//! The binder makes plans, SQL and the encoders read them; nothing here can be refused any more.
//! Knows values and the model's numbers; must never know query text, SQL text, JSON or HTTP.

mod call;
mod context;
mod derived;
mod event_id;
mod formula;
mod groups;
mod history;
mod overlay;
mod page;
mod predicate;
mod query;
mod read;
mod shape;
mod target;
mod write;

pub use call::{CallPlan, ResultPart};
pub use context::{Context, QueryLimits, TopMeaning};
pub use derived::{Aggregate, Concat, Cut, Groups, Output, OutputKind, Part, Source, TimePart};
pub use event_id::LogPlace;
pub use formula::{Computed, Formula};
pub use groups::{GroupMember, GroupShape, GroupValue};
pub use history::{DeltaToken, Walk};
pub use overlay::{Overlay, OverlayColumn, OverlayRows, OverlayTable};
pub use page::{Page, SkipToken, TokenKey};
pub use predicate::{CompareOperator, MatchKind, Predicate, SubQuery, Tally};
pub use query::{Column, Join, JoinBy, OrderKey, Query, Restriction, Slot, Term};
pub use read::{Answer, Plan, ReadPlan};
pub use shape::{DisplayPiece, Expand, ExpandBody, Link, Member, Shape};
pub use target::{By, Located, Target, ValuePart};
pub use write::{NewRow, WritePlan, WriteStep};

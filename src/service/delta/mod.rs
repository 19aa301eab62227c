//! Reads that know of the history: walks through pages while rows change, and what has changed since
//! a walk (`docs/decisions/027-delta.md`).
//!
//! Numbers of sets of changes are in the order of commits, so a number says exactly what a snapshot
//! has seen. What was before is asked of the database itself: the history gives the old rows, which
//! stand before those that are stored, as the rows of an API transaction do.

mod answer;
mod order;
mod reach;
mod rests;
mod states;
mod walk;
mod window;

pub(super) use answer::answer;
pub(super) use walk::{Trail, Walked};

use uuid::Uuid;

use super::cost::Costs;
use super::events::log::Log;
use super::write::level;
use super::{Caller, Parts, PreparedRead};
use crate::bind;
use crate::change;
use crate::diag::{Code, Problem, Result};
use crate::encode::VALUES;
use crate::model::{Attribute, AttributeRole, EntityId, Model};
use crate::plan::{Answer, Column, DeltaToken, Member, Query, ReadPlan};
use crate::value::Timestamp;
use rests::{Condition, Rests};

/// The version and the times of aggregates: columns that are written beside the history.
const VERSION: &str = "Latest_Version";
const CREATED: &str = "Creation_Time_Utc";
const CHANGED: &str = "Last_Update_Time_Utc";

/// What of the history concerns the reads of this database.
#[derive(Debug, Clone, Copy)]
pub(super) struct History<'s> {
    pub(super) model: &'s Model,
    levels: &'s [u8],
    costs: &'s Costs,
}

impl<'s> History<'s> {
    pub(super) fn of(parts: &'s Parts, model: &'s Model) -> Self {
        Self {
            model,
            levels: &parts.levels,
            costs: &parts.costs,
        }
    }

    /// Whether the history says exactly which rows a read gains and loses.
    ///
    /// Only for whole collections: what `$top` and `$skip` cut out changes with rows that come before
    /// it, and what is expanded changes without the row that it belongs to.
    pub(super) fn can_track(self, plan: &ReadPlan) -> bool {
        let is_whole = plan.answer == Answer::Collection
            && plan.query.over.is_none()
            && plan.query.skip == 0
            && plan.shape.expands.is_empty();
        let page = plan.page.as_ref();
        let is_whole = is_whole && page.is_some_and(|page| page.remaining.is_none());
        // What rests on the time changes with it, and the history does not tell of that.
        is_whole && !plan.timely && self.tells(&plan.query) && self.tells_looks(plan)
    }

    /// Whether it tells of every change of how the rows look: not where a value is named, or ordered
    /// by, that is written beside it. Such values of the rows that nobody named are as they were when
    /// their row was told.
    fn tells_looks(self, plan: &ReadPlan) -> bool {
        let of = self.model.entity(plan.shape.entity);
        let named = plan.shape.selected.as_deref().unwrap_or_default();
        let is_named = |position: usize| {
            let mut members = plan.shape.members.iter();
            let found = members.find_map(|member| match member {
                Member::Attribute {
                    id, position: at, ..
                } => (*at == position).then(|| of.attribute(*id).name.as_str()),
                Member::Custom { .. }
                | Member::CustomPart { .. }
                | Member::OfType { .. }
                | Member::Reference { .. }
                | Member::DisplayText(_)
                | Member::Computed(_)
                | Member::Expanded(_) => None,
            });
            match found {
                Some(name) => named.iter().any(|selected| selected == name),
                None => plan.shape.version != Some(position),
            }
        };
        let mut columns = plan.query.columns.iter().enumerate();
        columns.all(|(position, term)| {
            rests::column(term).is_none_or(|column| {
                self.tells_value(plan.query.entity, column) || !is_named(position)
            })
        })
    }

    /// Whether it tells of every change of a value of the rows of an entity, of their own or of
    /// another object that they lead to.
    fn tells_value(self, entity: EntityId, column: Column) -> bool {
        let model = self.model;
        if !model.is_a(entity, column.table) {
            return self.has_column(column);
        }
        match self.name(column) {
            // They are raised with every change of the aggregate: with those that it has.
            VERSION | CHANGED => {
                let mut parts = model.entities();
                parts.all(|(id, of)| !model.is_a(of.root, entity) || level(self.levels, id) > 0)
            }
            // Nothing changes it.
            CREATED => true,
            _ => !self.is_unlogged(column),
        }
    }

    /// Whether it has everything that the condition of a query rests on.
    fn tells(self, query: &Query) -> bool {
        if Log::of(self.model).is_err() {
            return false;
        }
        self.has_all(&Rests::of(Condition::from(query)), None)
    }

    /// Whether it has everything of what something rests on, whatever it has of one table.
    fn has_all(self, rests: &Rests, but: Option<EntityId>) -> bool {
        let mut tables = rests.tables.iter().filter(|table| Some(**table) != but);
        let mut columns = rests.columns.iter();
        !rests.beyond
            && tables.all(|table| self.has_values(*table))
            && columns.all(|column| self.has_column(*column))
    }

    /// Whether it has the values of all rows of a table.
    pub(super) fn has_values(self, table: EntityId) -> bool {
        let is_kept = |id| level(self.levels, id) >= VALUES;
        !self.model.entity(table).view && self.kin(table).all(is_kept)
    }

    /// The entities whose objects have rows in a table.
    fn kin(self, table: EntityId) -> impl Iterator<Item = EntityId> + use<'s> {
        let model = self.model;
        let all = model.entities().map(|(id, _)| id);
        all.filter(move |id| model.is_a(*id, table))
    }

    /// The name of a column, or of the one whose shadow it is: that stands beside a text that is
    /// folded.
    fn name(self, column: Column) -> &'s str {
        let column = self.model.table(column.table).column(column.no);
        column.name.trim_end_matches("_folded")
    }

    /// Whether a column is written beside the history. The time at which an aggregate began is not
    /// where it is the value of an attribute: then it is an object's own like any other.
    fn is_written_beside(self, column: Column) -> bool {
        match self.name(column) {
            VERSION | CHANGED => true,
            CREATED => {
                let attribute = self.attribute(column);
                let is_own = attribute.is_some_and(|a| a.role == AttributeRole::Stored);
                !is_own || self.model.entity(column.table).view
            }
            _ => self.is_unlogged(column),
        }
    }

    fn is_unlogged(self, column: Column) -> bool {
        let attribute = self.attribute(column);
        attribute.is_some_and(|attribute| attribute.unlogged)
    }

    fn has_column(self, column: Column) -> bool {
        let level = level(self.levels, column.table);
        let attribute = self.attribute(column);
        !self.is_written_beside(column) && attribute.is_none_or(|a| change::is_shown(a, level))
    }

    /// The attribute whose value, or whose shadow, a column holds.
    fn attribute(self, column: Column) -> Option<&'s Attribute> {
        let of = self.model.entity(column.table);
        let mut attributes = of.attribute_ids();
        let found = attributes.find(|(id, _)| {
            let stored = of.stored(*id).filter(|stored| stored.table == column.table);
            stored.is_some_and(|s| s.column == column.no || s.shadow == Some(column.no))
        });
        found.map(|(_, attribute)| attribute)
    }

    /// The entities whose changes concern the rows of a query: those that its condition rests on, and
    /// those that belong to the aggregates of its rows, since they raise the version of these.
    fn concerning(self, query: &Query) -> Concerning {
        let rests = Rests::of(Condition::from(query));
        let mut concerning = Concerning::default();
        for (id, of) in self.model.entities() {
            let mut tables = rests.tables.iter();
            if tables.any(|table| self.model.is_a(id, *table)) {
                concerning.rested.push(id);
            } else if self.model.is_a(of.root, query.entity) {
                concerning.members.push(id);
            }
        }
        concerning
    }
}

/// Entities whose changes concern a query.
#[derive(Debug, Default)]
struct Concerning {
    /// Whose values decide which rows there are.
    rested: Vec<EntityId>,
    /// Whose changes raise the versions of rows, whatever their values.
    members: Vec<EntityId>,
}

/// Whose tokens they are.
fn owner(caller: &Caller) -> Uuid {
    caller.user().unwrap_or_default()
}

/// Opens the token of a delta link.
///
/// # Errors
///
/// `InvalidDeltaToken`; `Gone` where the caller sees other things than when it was made.
pub(super) fn open(
    (text, request): (&str, &str),
    entity: EntityId,
    (parts, model): (&Parts, &Model),
    (caller, now): (&Caller, Timestamp),
) -> Result<Since> {
    let token = DeltaToken::open(text, &parts.token_key, request, owner(caller));
    let token = token.ok_or_else(|| {
        let message = "the delta token was not given out to you for this query";
        let problem = Problem::new(Code::InvalidDeltaToken, message).about("$deltatoken");
        problem.help("follow delta links as they are, or start the query again")
    })?;
    // With other rights, other rows would be gained and lost than those that the history tells of.
    if token.rights != caller.sight() {
        return Err(gone("what you may see has changed since the link was made"));
    }
    let hidden = bind::visible(model, &caller.rights.read, entity, now)?;
    Ok(Since {
        number: token.since,
        marks: token.marks,
        sees_all: hidden.is_none(),
    })
}

/// The problem of a link that cannot be answered any more.
fn gone(why: &str) -> Problem {
    let problem = Problem::new(Code::Gone, why);
    problem.help("read the set anew, with `Prefer: odata.track-changes` for a new delta link")
}

/// What a walk or a delta has to know of whoever reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    owner: Uuid,
    imprint: Uuid,
    /// The time of the request: it makes tokens of one place differ.
    now: Timestamp,
}

/// Where a delta goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Since {
    /// The number of the newest changes that the client knows of.
    number: i64,
    /// Numbers behind it at which pages of the walk before had rows otherwise than at that number.
    marks: Vec<i64>,
    /// Whether the caller sees every row of the set.
    sees_all: bool,
}

impl Reading {
    /// Whoever reads; `tracks` says whether it matters what they may see.
    pub(super) fn of(caller: &Caller, now: Timestamp, tracks: bool) -> Self {
        Self {
            owner: owner(caller),
            imprint: match tracks {
                true => caller.sight(),
                false => Uuid::nil(),
            },
            now,
        }
    }

    /// What makes the tokens of this request differ from those of others.
    const fn salt(self) -> i64 {
        self.now.micros()
    }

    /// The delta link behind a number, with marks behind that.
    fn link(
        self,
        read: &PreparedRead,
        request: &str,
        (since, marks): (i64, Vec<i64>),
    ) -> Result<String> {
        let token = DeltaToken {
            since,
            rights: self.imprint,
            marks,
        };
        let sealed = token.seal(&read.token_key, request, self.owner, self.salt());
        let sealed =
            sealed.ok_or_else(|| Problem::new(Code::Internal, "a delta token cannot be sealed"))?;
        let (root, path, query) = (&read.root, &read.path, &read.query);
        Ok(crate::encode::delta_link(root, path, query, &sealed))
    }
}

//! The refusal of a read that costs too much, and what would help.

use super::{Estimate, Part};
use crate::diag::{Code, Problem, Result};
use crate::model::{Entity, EntityId, IndexMethod, Model, Table};

/// Attributes that are named as a help, at most.
const NAMED: usize = 8;

/// What the statements of a read have cost until now.
pub(super) struct Tally {
    budget: u64,
    cost: u64,
}

impl Tally {
    pub(super) const fn new(budget: u64) -> Self {
        Self { budget, cost: 0 }
    }

    /// Adds a statement.
    ///
    /// # Errors
    ///
    /// `TooExpensive` where the budget does not allow it. The number of rows is not told: it would
    /// tell callers how many there are that they do not see.
    pub(super) fn take(&mut self, model: &Model, part: &Part<'_>, of: &Estimate) -> Result<()> {
        self.cost = self.cost.saturating_add(of.cost);
        if self.cost <= self.budget {
            return Ok(());
        }
        let budget = self.budget;
        let message = format!(
            "the read would look at more than the {budget} rows that are allowed: {}",
            reason(model, part, of)
        );
        let problem = Problem::new(Code::TooExpensive, message).about(option(part));
        let problem = match part.query.skip {
            0 => problem,
            _ => problem.help("`$skip` reads what it skips: next links do not"),
        };
        let entity = blamed(model, of).map_or(part.query.entity, |(id, _)| id);
        let indexed = indexed(model, model.entity(entity));
        Err(match indexed.is_empty() {
            true => problem.help("ask for fewer rows"),
            false => problem.help(format!(
                "ask for fewer rows, or filter `{}` by what has an index: {}",
                model.entity(entity).set,
                indexed.join(", ")
            )),
        })
    }
}

/// Which option of the request the statement comes from.
fn option(part: &Part<'_>) -> &'static str {
    match (
        part.parents.is_some(),
        part.query.over.is_some(),
        part.counts,
    ) {
        (true, _, _) => "$expand",
        (false, true, _) => "$apply",
        (false, false, true) => "$count",
        (false, false, false) => "$filter",
    }
}

/// The entity whose table most rows are looked at of.
fn blamed<'m>(model: &'m Model, of: &Estimate) -> Option<(EntityId, &'m Entity)> {
    let look = of.looks.iter().max_by_key(|look| look.rows)?;
    let mut entities = model.entities();
    entities.find(|(id, _)| model.table(*id).name == look.table)
}

fn reason(model: &Model, part: &Part<'_>, of: &Estimate) -> String {
    let set = match blamed(model, of) {
        Some((_, entity)) => format!("`{}`", entity.set),
        None => "a table".to_owned(),
    };
    let look = of.looks.iter().max_by_key(|look| look.rows);
    let how = match look.is_some_and(|look| look.is_whole) {
        true => "whole, since no index leads to the rows",
        false => "in many places",
    };
    format!("for its {}, it reads {set} {how}", part.what)
}

/// The attributes and references of an entity that declare a filter which an index serves.
fn indexed(model: &Model, entity: &Entity) -> Vec<String> {
    let leads = |table: &Table, no| {
        let mut ordered = table
            .indexes
            .iter()
            .filter(|index| index.method == IndexMethod::Ordered);
        ordered.any(|index| index.columns.first() == Some(&no))
    };
    let of_attributes = entity.attribute_ids().filter_map(|(id, attribute)| {
        let stored = entity.stored(id)?;
        let table = model.table(stored.table);
        let is_led =
            leads(table, stored.column) || stored.shadow.is_some_and(|no| leads(table, no));
        let is_open = !attribute.secret && attribute.filters.any();
        (is_led && is_open).then_some(attribute.name.as_str())
    });
    let of_references = entity.references.iter();
    let of_references = of_references.filter(|of| of.indexed && of.filters.any());
    let of_references = of_references.map(|of| of.name.as_str());
    let names = std::iter::once("Id").chain(of_attributes.filter(|name| *name != "Id"));
    let names = names.chain(of_references);
    names.take(NAMED).map(|name| format!("`{name}`")).collect()
}

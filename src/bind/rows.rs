//! One query while it is put together.

use crate::diag::{Result, Span};
use crate::model::{AttributeId, Custom, EntityId, ReferenceId};
use crate::plan::{Column, OrderKey, Predicate, Query, SubQuery, Term};
use crate::syntax::ast::Node;

use super::scope::Setting;
use super::tables::{Instance, Located, Tables};
use super::{predicate, visible};

/// The rows of one entity: tables, condition, columns.
#[derive(Debug, Clone)]
pub(super) struct Rows<'a> {
    pub(super) setting: Setting<'a>,
    pub(super) here: Instance,
    pub(super) tables: Tables,
    pub(super) predicate: Predicate,
    /// Whether the request has not narrowed the rows.
    pub(super) whole: bool,
    columns: Vec<Term>,
}

impl<'a> Rows<'a> {
    /// All rows of an entity that are visible.
    ///
    /// Every query starts here, whatever it is part of: so no read can go around the rights.
    pub(super) fn all(setting: Setting<'a>, entity: EntityId) -> Result<Self> {
        let here = Instance::base(entity);
        let mut tables = Tables::default();
        let predicate = visible::predicate(setting, &mut tables, here)?;
        Ok(Self {
            setting,
            here,
            tables,
            predicate,
            whole: true,
            columns: Vec::new(),
        })
    }

    /// The same, for rows that an address or option names.
    ///
    /// # Errors
    ///
    /// `Forbidden` where none are visible, whatever they hold.
    pub(super) fn named(setting: Setting<'a>, entity: EntityId, span: Span) -> Result<Self> {
        visible::check(setting, entity, span)?;
        Self::all(setting, entity)
    }

    /// The entity of the rows.
    pub(super) fn entity(&self) -> EntityId {
        self.here.entity
    }

    /// Keeps only the rows of a predicate.
    pub(super) fn narrow(&mut self, predicate: Predicate) {
        self.whole = false;
        let all = std::mem::replace(&mut self.predicate, Predicate::Always);
        self.predicate = all.and(predicate);
    }

    /// Keeps only the rows of a filter.
    pub(super) fn filter(&mut self, node: &Node) -> Result<()> {
        let predicate = predicate::filter(self.setting, &mut self.tables, self.here, node)?;
        self.narrow(predicate);
        Ok(())
    }

    /// The position of a term in each row; the term is added when it is new.
    pub(super) fn position(&mut self, term: Term) -> usize {
        match self.columns.iter().position(|c| *c == term) {
            Some(position) => position,
            None => {
                self.columns.push(term);
                self.columns.len() - 1
            }
        }
    }

    /// The position of the key.
    pub(super) fn key(&mut self) -> usize {
        self.position(Term::Column(self.here.key()))
    }

    /// The column of an attribute of these rows; nothing for calculated ones.
    pub(super) fn attribute(&mut self, id: AttributeId) -> Result<Option<Located>> {
        self.tables.attribute(self.setting, self.here, id)
    }

    /// The positions of the parts of a custom property's value; nothing where the model has none.
    pub(super) fn custom(&mut self, at: Instance, custom: Custom) -> Result<Option<[usize; 3]>> {
        let found = self.tables.custom(self.setting, at, custom)?;
        let parts = found.map(|found| found.parts());
        Ok(parts.map(|parts| parts.map(|column| self.position(Term::Column(column)))))
    }

    /// The rows as rows of a derived type, and the position of their key as such: null where a row
    /// is none, or is not visible as one.
    pub(super) fn of_type(&mut self, entity: EntityId) -> Result<(Instance, usize)> {
        let at = self.tables.cast(self.setting, self.here, entity)?;
        let key = self.position(Term::Column(at.key()));
        Ok((at, key))
    }

    /// The position of a reference of these rows, or of what they are as rows of a derived type:
    /// null where its target is not visible.
    pub(super) fn reference(&mut self, at: Instance, id: ReferenceId) -> Result<usize> {
        let located = self.tables.reference(self.setting, at, id)?;
        Ok(self.position(Term::Column(located.column)))
    }

    /// The column of a reference of these rows, as it is stored.
    pub(super) fn back(&mut self, id: ReferenceId) -> Result<Column> {
        Ok(self.tables.stored(self.setting, self.here, id)?.column)
    }

    /// The rows as a query for one of their guids.
    pub(super) fn guids(self, select: Column) -> SubQuery {
        SubQuery {
            entity: self.here.entity,
            joins: self.tables.joins,
            select,
            predicate: self.predicate,
        }
    }

    /// The finished query.
    pub(super) fn query(self, order: Vec<OrderKey>, skip: u64, take: Option<u64>) -> Query {
        Query {
            entity: self.here.entity,
            joins: self.tables.joins,
            predicate: self.predicate,
            columns: self.columns,
            order,
            after: None,
            skip,
            take,
            over: None,
        }
    }
}

//! What a caller may see: which rows of each entity, and which of their properties.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diag::Result;
use crate::model::{EntityId, Model, PropertyId};
use crate::plan::{Context, SubQuery};
use crate::syntax::{self, ast::Node};
use crate::value::Timestamp;

use super::predicate;
use super::scope::{Notes, Setting};
use super::tables::{Instance, Tables};
use super::visible::guard;

/// The keys of the rows of an entity that somebody may see; nothing where all are visible.
///
/// # Errors
///
/// `LimitExceeded` where that takes too many tables.
pub fn visible(
    model: &Model,
    rights: &Rights,
    entity: EntityId,
    now: Timestamp,
) -> Result<Option<SubQuery>> {
    let context = Context::bare(now);
    let notes = Notes::default();
    guard(Setting::new(model, &context, rights, &[], &notes), entity)
}

/// What a caller may see: all or nothing, but of the entities that are named what is said of them.
#[derive(Debug, Clone)]
pub struct Rights {
    base: Visible,
    entities: Vec<(EntityId, EntityRights)>,
    own: Option<Box<Own>>,
}

/// What a caller may see of themselves, through `Ext.Me`.
#[derive(Debug, Clone)]
struct Own {
    users: EntityId,
    rights: Rights,
}

/// What a caller may see of one entity.
#[derive(Debug, Clone, Default)]
pub struct EntityRights {
    /// Which rows.
    pub rows: Visible,
    /// The properties that are closed.
    pub closed: HashSet<PropertyId>,
}

/// Which rows of an entity a caller may see.
#[derive(Debug, Clone, Default)]
pub enum Visible {
    /// None: the entity set itself is closed.
    #[default]
    Nothing,
    /// All.
    All,
    /// Those of any of these filters.
    Some(Vec<RowFilter>),
}

/// A `$filter` that says which rows are visible: bound underneath every read, with nothing closed.
#[derive(Debug, Clone)]
pub struct RowFilter(Arc<Node>);

impl RowFilter {
    /// Reads a filter of an entity, within its declared filters.
    ///
    /// # Errors
    ///
    /// Those of any `$filter`.
    pub fn parse(model: &Model, entity: EntityId, text: &str) -> Result<Self> {
        let node = syntax::parse_expression(text, &syntax::Limits::default())?;
        let context = Context::bare(Timestamp::from_micros(0));
        let notes = Notes::default();
        let setting = Setting::new(model, &context, &OPEN, &[], &notes);
        let (mut tables, here) = (Tables::default(), Instance::base(entity));
        predicate::filter(setting, &mut tables, here, &node)?;
        Ok(Self(Arc::new(node)))
    }

    pub(super) fn node(&self) -> &Node {
        &self.0
    }
}

/// Rights that close nothing.
pub(super) static OPEN: Rights = Rights {
    base: Visible::All,
    entities: Vec::new(),
    own: None,
};

impl Rights {
    /// Nothing is closed, but the secrets that nobody may read.
    pub fn unrestricted() -> Self {
        OPEN.clone()
    }

    /// Whether everything is closed.
    pub(super) fn is_nothing(&self) -> bool {
        let closed = |rows: &Visible| matches!(rows, Visible::Nothing);
        closed(&self.base) && self.entities.iter().all(|(_, rights)| closed(&rights.rows))
    }

    /// Everything is closed.
    pub fn none() -> Self {
        Self {
            base: Visible::Nothing,
            entities: Vec::new(),
            own: None,
        }
    }

    /// Says what is visible of an entity.
    #[must_use]
    pub fn with(mut self, entity: EntityId, rights: EntityRights) -> Self {
        self.entities.retain(|(known, _)| *known != entity);
        self.entities.push((entity, rights));
        self
    }

    /// Says what the caller may see of themselves: `rights` show one row of `users`.
    #[must_use]
    pub fn with_own(self, users: EntityId, rights: Self) -> Self {
        let own = Some(Box::new(Own { users, rights }));
        Self { own, ..self }
    }

    /// The entity of users, and what the caller may see of themselves; nothing for callers that
    /// are no user.
    pub fn own(&self) -> Option<(EntityId, &Self)> {
        let own = self.own.as_deref()?;
        Some((own.users, &own.rights))
    }

    /// Which rows of an entity are visible.
    pub fn rows(&self, entity: EntityId) -> &Visible {
        self.of(entity).map_or(&self.base, |rights| &rights.rows)
    }

    /// Whether a property of an entity is closed. An inherited one is closed where it is closed
    /// for the entity that it comes from.
    pub fn is_closed(&self, entity: EntityId, property: PropertyId) -> bool {
        self.of(entity)
            .is_some_and(|rights| rights.closed.contains(&property))
    }

    /// Whether every row of an entity is visible.
    pub fn sees_all(&self, model: &Model, entity: EntityId) -> bool {
        let mut at = Some(entity);
        while let Some(id) = at {
            match self.rows(id) {
                Visible::All => {}
                Visible::Nothing | Visible::Some(_) => return false,
            }
            let of = model.entity(id);
            at = of.parent.map(|parent| of.reference(parent).target);
        }
        true
    }

    /// All of it as text: the same for rights that allow the same, in whatever order they were put
    /// together. It goes no further than the program itself.
    pub fn outline(&self) -> String {
        let mut entities: Vec<String> = self
            .entities
            .iter()
            .map(|(entity, rights)| {
                let mut closed: Vec<String> =
                    rights.closed.iter().map(|p| format!("{p:?}")).collect();
                closed.sort_unstable();
                format!("{entity:?} {:?} {closed:?}", rights.rows)
            })
            .collect();
        entities.sort_unstable();
        let own = self.own.as_ref();
        let own = own.map(|own| (own.users, own.rights.outline()));
        format!("{:?} {entities:?} {own:?}", self.base)
    }

    fn of(&self, entity: EntityId) -> Option<&EntityRights> {
        let mut all = self.entities.iter();
        all.find(|(known, _)| *known == entity)
            .map(|(_, rights)| rights)
    }
}

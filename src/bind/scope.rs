//! What names mean while a query is bound, and the tables that they bring in.

use std::cell::Cell;
use std::sync::Arc;

use crate::diag::{Code, Problem, Result, Span};
use crate::model::{Attribute, AttributeRole, Custom, CustomColumns, Reference, Table};
use crate::model::{
    AttributeId, ColumnNo, Entity, EntityId, Model, Place, PropertyId, ReferenceId, Stored,
};
use crate::plan::{Column, Context, Join, JoinBy, Slot};
use crate::syntax::ast::{ComputeItem, Head, Name, Node, Opt, Path, QueryOptions, Step};

use super::rights::{OPEN, Rights};
use super::{suggest, visible};

/// How many aliases may stand for one another before a value is reached.
const ALIAS_HOPS: u8 = 8;
/// Custom properties in one query: each is a join, and SQLite joins 64 tables at most.
const MOST_CUSTOM: usize = 40;

/// Conditions and aliases that one request may take apart. What a filter comes to is limited
/// elsewhere; this ends requests that name the same thing over and over.
const STEPS: u32 = 200_000;

/// How much of a request was taken apart.
#[derive(Debug, Default)]
pub(super) struct Steps(Cell<u32>);

/// What every step of binding reads and none changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) model: &'a Model,
    pub(super) context: &'a Context,
    pub(super) rights: &'a Rights,
    aliases: &'a [(String, Opt<Node>)],
    /// Those of the options inside parentheses, which come first.
    inner: &'a [(String, Opt<Node>)],
    /// `$compute`, and how many of its names are known.
    computed: Option<(&'a Opt<Vec<ComputeItem>>, usize)>,
    hops: u8,
    steps: &'a Steps,
    /// Whether what is bound is inside `$expand`, where `$it` is a row further out.
    pub(super) expanded: bool,
}

impl<'a> Setting<'a> {
    /// The setting of one request.
    pub(super) fn new(
        model: &'a Model,
        context: &'a Context,
        rights: &'a Rights,
        aliases: &'a [(String, Opt<Node>)],
        steps: &'a Steps,
    ) -> Self {
        Self {
            model,
            context,
            rights,
            aliases,
            inner: &[],
            computed: None,
            hops: ALIAS_HOPS,
            steps,
            expanded: false,
        }
    }

    /// The same with other rights.
    pub(super) fn with_rights(self, rights: &'a Rights) -> Self {
        Self { rights, ..self }
    }

    /// The setting of record filters: nothing is closed, and nothing of the request is theirs.
    pub(super) fn of_record_filters(self) -> Self {
        Self {
            rights: &OPEN,
            aliases: &[],
            inner: &[],
            computed: None,
            expanded: false,
            ..self
        }
    }

    /// The same inside `$expand`, with the aliases that its options define.
    pub(super) fn inside_expand(self, options: &'a QueryOptions) -> Self {
        Self {
            expanded: true,
            inner: &options.aliases,
            ..self.with_computed(options)
        }
    }

    /// The same with the names that `$compute` makes.
    pub(super) fn with_computed(self, options: &'a QueryOptions) -> Self {
        let computed = options.compute.as_ref();
        Self {
            computed: computed.map(|opt| (opt, opt.value.len())),
            ..self
        }
    }

    /// The same with only the first names of `$compute`.
    pub(super) fn before(self, position: usize) -> Self {
        let computed = self.computed.map(|(opt, _)| (opt, position));
        Self { computed, ..self }
    }

    /// What `$compute` computes.
    pub(super) fn computed_items(self) -> Option<(&'a Opt<Vec<ComputeItem>>, &'a [ComputeItem])> {
        let (opt, known) = self.computed?;
        Some((opt, opt.value.get(..known).unwrap_or_default()))
    }

    /// The name of the text that the places in `$compute` point into.
    pub(super) const fn compute_source(self) -> &'static str {
        if self.expanded { "$expand" } else { "$compute" }
    }

    /// What a path of one computed name stands for, the setting to bind that in, and the text that
    /// its places point into.
    pub(super) fn computed(self, path: &Path) -> Option<(Self, &'a ComputeItem, &'a str)> {
        let (Head::Implicit, [step]) = (path.head, path.steps.as_slice()) else {
            return None;
        };
        let Step::Name(name) = &step.node else {
            return None;
        };
        let (opt, items) = self.computed_items()?;
        let is = |item: &ComputeItem| name.namespace.is_empty() && item.name.node == name.name;
        let position = items.iter().position(is)?;
        Some((self.before(position), items.get(position)?, &opt.text))
    }

    /// Counts something that is taken apart.
    ///
    /// # Errors
    ///
    /// `LimitExceeded` where there was too much.
    pub(super) fn step(self, span: Span) -> Result<()> {
        let taken = self.steps.0.get().saturating_add(1);
        self.steps.0.set(taken);
        if taken <= STEPS {
            return Ok(());
        }
        let text = "the request is too complex";
        Err(Problem::new(Code::LimitExceeded, text).at(span).help(
            "aliases inside aliases, `case` and comparisons with `null` are looked at many times",
        ))
    }

    /// Whether a property is in the output without being named.
    pub(super) fn shows(self, entity: EntityId, property: PropertyId) -> bool {
        !self.rights.is_closed(entity, property)
    }

    /// An attribute that this caller may read.
    ///
    /// # Errors
    ///
    /// `AttributeNotReadable` for secrets, which nobody may read, and for what is closed.
    pub(super) fn open(
        self,
        id: EntityId,
        attribute: AttributeId,
        span: Span,
    ) -> Result<&'a Attribute> {
        let found = self.entity(id).attribute(attribute);
        if found.secret {
            let text = format!("`{}` is closed: nobody may read it", found.name);
            return Err(Problem::new(Code::AttributeNotReadable, text)
                .about(&found.name)
                .at(span));
        }
        visible::check_property(self, id, PropertyId::Attribute(attribute), span)?;
        Ok(found)
    }

    /// An entity of the model.
    pub(super) fn entity(self, id: EntityId) -> &'a Entity {
        self.model.entity(id)
    }

    /// What an alias stands for, and the setting to bind that in. An alias that the request does
    /// not define is null (OData 4.01 Part 2, 5.3), here: nothing.
    pub(super) fn alias(self, name: &str, span: Span) -> Result<Option<(Self, &'a Opt<Node>)>> {
        let bare = |text: &str| {
            text.strip_prefix('@')
                .map_or(text.to_owned(), str::to_owned)
        };
        let wanted = bare(name);
        let mut defined = self.inner.iter().chain(self.aliases);
        let Some((_, opt)) = defined.find(|(n, _)| bare(n) == wanted) else {
            return Ok(None);
        };
        self.step(span)?;
        let hops = self.hops.checked_sub(1).ok_or_else(|| {
            Problem::new(
                Code::LimitExceeded,
                format!("the alias `@{wanted}` stands for too many other aliases"),
            )
            .at(span)
        })?;
        Ok(Some((Self { hops, ..self }, opt)))
    }

    /// The property of a name, or the problem with the nearest names.
    pub(super) fn property(self, entity: EntityId, name: &str, span: Span) -> Result<PropertyId> {
        let entity = self.entity(entity);
        entity
            .property(name)
            .ok_or_else(|| suggest::unknown_property(entity, name, span))
    }

    /// The entity of a cast segment, which must be the same, a base or derived one.
    pub(super) fn cast(self, from: EntityId, name: &Name, span: Span) -> Result<EntityId> {
        let to = self
            .model
            .entity_type(&name.name)
            .filter(|_| name.namespace == NAMESPACE)
            .ok_or_else(|| suggest::unknown_type(self.model, name, span))?;
        if self.model.is_a(from, to) || self.model.is_a(to, from) {
            return Ok(to);
        }
        let text = format!(
            "`{}` is no type of `{}`",
            suggest::qualified(name),
            self.entity(from).set
        );
        Err(Problem::new(Code::TypeMismatch, text).at(span))
    }
}

/// The namespace of the model's types.
pub(super) const NAMESPACE: &str = "Erp";

/// One row of an entity inside a query: which table of the query it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instance {
    pub(super) entity: EntityId,
    pub(super) slot: Slot,
    /// Whether the row may be missing: it was reached through a reference that may be null.
    pub(super) optional: bool,
}

impl Instance {
    /// The row of the query's own entity.
    pub(super) fn base(entity: EntityId) -> Self {
        Self {
            entity,
            slot: Slot::BASE,
            optional: false,
        }
    }

    /// The key of the row.
    pub(super) fn key(self) -> Column {
        Column {
            slot: self.slot,
            table: self.entity,
            no: Table::KEY,
        }
    }
}

/// A property's column inside a query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Located {
    pub(super) column: Column,
    pub(super) shadow: Option<Column>,
    pub(super) nullable: bool,
}

/// The value of a custom property inside a query: the row that it is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Valued {
    slot: Slot,
    columns: CustomColumns,
}

impl Valued {
    /// The short value, which conditions compare.
    fn short(self) -> Located {
        let CustomColumns { value, folded, .. } = self.columns;
        Located {
            column: self.column(value),
            shadow: folded.map(|no| self.column(no)),
            nullable: true,
        }
    }

    /// All of it: the short value, what it stands for, what it means.
    pub(super) fn parts(self) -> [Column; 3] {
        let CustomColumns {
            value,
            value_id,
            description,
            ..
        } = self.columns;
        [value, value_id, description].map(|no| self.column(no))
    }

    fn column(self, no: ColumnNo) -> Column {
        Column {
            slot: self.slot,
            table: self.columns.table,
            no,
        }
    }
}

/// The tables of one query: joins are made when a property needs them, and shared.
#[derive(Debug, Default, Clone)]
pub(super) struct Tables {
    pub(super) joins: Vec<Join>,
}

impl Tables {
    /// The column of an attribute; nothing for calculated ones.
    pub(super) fn attribute(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        id: AttributeId,
    ) -> Result<Option<Located>> {
        let entity = setting.entity(at.entity);
        if let Some(custom) = entity.attribute(id).role.custom() {
            let found = self.custom(setting, at, custom)?;
            return Ok(found.map(|found| found.short()));
        }
        match entity.stored(id) {
            Some(stored) => self.locate(setting, at, stored).map(Some),
            None => Ok(None),
        }
    }

    /// The columns of the value of a custom property; nothing where the model has none.
    pub(super) fn custom(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        custom: Custom,
    ) -> Result<Option<Valued>> {
        let Some(columns) = setting.model.custom_columns() else {
            return Ok(None);
        };
        let row = self.join(Join::custom(columns.table, at.key(), custom.property))?;
        let customs = self.joins.iter().filter(|join| join.by != JoinBy::Key);
        if customs.count() > MOST_CUSTOM {
            let text = format!("the query names more than {MOST_CUSTOM} custom properties");
            return Err(Problem::new(Code::LimitExceeded, text));
        }
        Ok(Some(Valued {
            slot: row.slot,
            columns,
        }))
    }

    /// The column of a reference as it is stored, whatever is visible of its target.
    pub(super) fn stored(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        id: ReferenceId,
    ) -> Result<Located> {
        let stored = setting.entity(at.entity).stored_reference(id);
        self.locate(setting, at, stored)
    }

    /// The column that holds the target of a reference, where that is visible: else null.
    pub(super) fn reference(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        id: ReferenceId,
    ) -> Result<Located> {
        let entity = setting.entity(at.entity);
        // A visible row belongs to a visible one.
        let visible = entity.parent == Some(id)
            || setting
                .rights
                .sees_all(setting.model, entity.reference(id).target);
        if visible {
            return self.stored(setting, at, id);
        }
        let target = self.follow(setting, at, id)?;
        Ok(Located {
            column: target.key(),
            shadow: None,
            nullable: true,
        })
    }

    /// The row that a reference points at; missing where it is not visible.
    pub(super) fn follow(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        id: ReferenceId,
    ) -> Result<Instance> {
        let located = self.stored(setting, at, id)?;
        let entity = setting.entity(at.entity);
        let target = entity.reference(id).target;
        let among = if entity.parent == Some(id) {
            None
        } else {
            visible::guard(setting, target)?
        };
        let optional = located.nullable || among.is_some();
        self.join(Join {
            table: target,
            on: located.column,
            by: JoinBy::Key,
            optional,
            among: among.map(Arc::new),
        })
    }

    /// The same row seen as an entity that it extends or that extends it; missing where it is none,
    /// or is not visible as one.
    pub(super) fn cast(
        &mut self,
        setting: Setting<'_>,
        at: Instance,
        to: EntityId,
    ) -> Result<Instance> {
        if setting.model.is_a(at.entity, to) {
            // Everything of the base is a property of the derived entity too.
            return Ok(at);
        }
        let among = visible::guard(setting, to)?;
        self.join(Join {
            table: to,
            on: at.key(),
            by: JoinBy::Key,
            optional: true,
            among: among.map(Arc::new),
        })
    }

    fn locate(&mut self, setting: Setting<'_>, at: Instance, stored: Stored) -> Result<Located> {
        let row = match stored.place {
            Place::Own => at,
            Place::Base => self.up_to(setting, at, stored.table)?,
            Place::Root => {
                let root = self.root(setting, at)?;
                self.up_to(setting, root, stored.table)?
            }
        };
        let column = |no| Column {
            slot: row.slot,
            table: stored.table,
            no,
        };
        let table = setting.model.table(stored.table);
        Ok(Located {
            column: column(stored.column),
            shadow: stored.shadow.map(column),
            nullable: row.optional || table.column(stored.column).nullable,
        })
    }

    /// The row of the base entity whose table is wanted: base and derived rows share the key.
    fn up_to(
        &mut self,
        setting: Setting<'_>,
        mut at: Instance,
        table: EntityId,
    ) -> Result<Instance> {
        while at.entity != table {
            let Some(base) = setting.entity(at.entity).base else {
                break;
            };
            at = self.join(Join::plain(base, at.key(), at.optional))?;
        }
        Ok(at)
    }

    /// The row of the aggregate root.
    fn root(&mut self, setting: Setting<'_>, mut at: Instance) -> Result<Instance> {
        let root = setting.entity(at.entity).root;
        while at.entity != root {
            let Some(parent) = setting.entity(at.entity).parent else {
                break;
            };
            at = self.follow(setting, at, parent)?;
        }
        Ok(at)
    }

    fn join(&mut self, join: Join) -> Result<Instance> {
        let (table, optional) = (join.table, join.optional);
        let same = |known: &Join| {
            let to = known.table == table && known.on == join.on && known.by == join.by;
            to && known.among == join.among
        };
        let index = self.joins.iter().position(same);
        let index = index.unwrap_or_else(|| {
            self.joins.push(join);
            self.joins.len() - 1
        });
        let slot = u8::try_from(index + 1).map_err(|_| {
            Problem::new(
                Code::LimitExceeded,
                "the query goes through too many references",
            )
        })?;
        Ok(Instance {
            entity: table,
            slot: Slot(slot),
            optional,
        })
    }
}

/// Whether conditions and orders may go through a reference to the attributes of its target.
pub(super) fn passable(reference: &Reference) -> bool {
    reference.owner || reference.filterable
}

/// Whether an attribute is the key.
pub(super) fn is_key(attribute: &Attribute) -> bool {
    match attribute.role {
        AttributeRole::Key => true,
        AttributeRole::Stored
        | AttributeRole::Root
        | AttributeRole::DisplayText
        | AttributeRole::Custom(_) => false,
    }
}

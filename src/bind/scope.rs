//! What names mean while a query is bound.

use std::cell::{Cell, OnceCell};

use crate::diag::{Code, Problem, Result, Span};
use crate::model::{Attribute, AttributeId, Entity, EntityId, Model, PropertyId};
use crate::plan::Context;
use crate::syntax::ast::{ComputeItem, Head, Name, Node, Opt, Path, QueryOptions, Step};
use crate::value::Timestamp;

use super::rights::{OPEN, Rights};
use super::{suggest, visible};

/// How many aliases may stand for one another before a value is reached.
const ALIAS_HOPS: u8 = 8;

/// Properties that one request may expand, those of all levels together: each is a statement for
/// every page.
const EXPANSIONS: u32 = 200;

/// Conditions, aliases and items of lists that one request may take apart. What a filter comes to is
/// limited elsewhere; this ends requests that name the same thing over and over.
const STEPS: u32 = 200_000;

/// What is noted while a request is bound.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// How much of it was taken apart.
    taken: Cell<u32>,
    /// How much it expands.
    expanded: Cell<u32>,
    /// Whether something of it asked for the time.
    is_timely: Cell<bool>,
    /// What record filters are bound in: they were declared without any request.
    bare: OnceCell<Context>,
}

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
    notes: &'a Notes,
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
        notes: &'a Notes,
    ) -> Self {
        Self {
            model,
            context,
            rights,
            aliases,
            inner: &[],
            computed: None,
            hops: ALIAS_HOPS,
            notes,
            expanded: false,
        }
    }

    /// The same with other rights.
    pub(super) fn with_rights(self, rights: &'a Rights) -> Self {
        Self { rights, ..self }
    }

    /// The setting of record filters: nothing is closed, and nothing of the request is theirs but
    /// its time.
    pub(super) fn of_record_filters(self) -> Self {
        let now = self.context.now;
        Self {
            context: self.notes.bare.get_or_init(|| Context::bare(now)),
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

    /// The same without the names that `$compute` makes.
    pub(super) fn without_computed(self) -> Self {
        Self {
            computed: None,
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
        self.steps(1, span)
    }

    /// Counts several things that are taken apart.
    ///
    /// # Errors
    ///
    /// `LimitExceeded` where there was too much.
    pub(super) fn steps(self, count: usize, span: Span) -> Result<()> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let taken = self.notes.taken.get().saturating_add(count);
        self.notes.taken.set(taken);
        if taken <= STEPS {
            return Ok(());
        }
        let text = "the request is too complex";
        Err(Problem::new(Code::LimitExceeded, text).at(span).help(
            "aliases inside aliases, lists, `case` and comparisons with `null` are looked at many \
             times",
        ))
    }

    /// Counts something that is expanded.
    ///
    /// # Errors
    ///
    /// `LimitExceeded` where there was too much.
    pub(super) fn expansion(self, span: Span) -> Result<()> {
        let expanded = self.notes.expanded.get().saturating_add(1);
        self.notes.expanded.set(expanded);
        if expanded <= EXPANSIONS {
            return Ok(());
        }
        let text = format!("`$expand` expands more than {EXPANSIONS} properties");
        Err(Problem::new(Code::LimitExceeded, text)
            .at(span)
            .help("name what is expanded, or ask for less levels"))
    }

    /// The time of the request; it is noted that something rests on it.
    pub(super) fn now(self) -> Timestamp {
        self.notes.is_timely.set(true);
        self.context.now
    }

    /// Whether something that was bound rests on the time: the request itself, or a record filter.
    pub(super) fn is_timely(self) -> bool {
        self.notes.is_timely.get()
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

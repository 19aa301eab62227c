//! Resource paths: which rows an address means, and in what form it answers.

use uuid::Uuid;

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::{CollectionId, EntityId, Method, PropertyId, ReferenceId};
use crate::plan::{By, Column, CompareOperator, Located, Predicate, SubQuery, Term};
use crate::syntax::ast::{Name, Node, Parens, ResourcePath, Segment};
use crate::value::Value;

use super::property::{Next, Piece};
use super::refuse;
use super::rows::Rows;
use super::scope::Setting;
use super::{all, call, suggest, visible};

/// What an address means.
#[derive(Debug)]
pub(super) enum Address<'a> {
    /// The service document.
    ServiceDocument,
    /// `$metadata`.
    Metadata,
    /// Rows of the database.
    Rows(Box<Place<'a>>),
    /// The rows of every set, or their number.
    All {
        /// Whether it is the number.
        count: bool,
    },
}

/// The rows that an address means.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) rows: Rows<'a>,
    /// At most one row.
    pub(super) single: bool,
    /// What must exist for an empty answer not to be 404.
    pub(super) parent: Option<SubQuery>,
    /// The guid, where the rows are just one key.
    pub(super) key: Option<Uuid>,
    /// The guid of the last key, whatever stands before it.
    pub(super) member: Option<Uuid>,
    pub(super) part: Part,
    /// The property that the last step went through, and where it started.
    pub(super) via: Option<Via>,
}

/// A step through a reference or a collection.
#[derive(Debug, Clone)]
pub(super) struct Via {
    pub(super) property: PropertyId,
    pub(super) from: Located,
}

/// What of the rows is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// The entities.
    Entities,
    /// The value of a property, or a part of it.
    Property(Piece),
    /// The bare text of one.
    RawValue(Piece),
    /// Their number.
    Count,
    /// Their addresses.
    Links,
}

/// Binds a resource path.
pub(super) fn bind<'a>(setting: Setting<'a>, path: &'a ResourcePath) -> Result<Address<'a>> {
    segments(setting, &path.segments)
}

/// Binds the segments of a resource path.
pub(super) fn segments<'a>(
    setting: Setting<'a>,
    segments: &'a [At<Segment>],
) -> Result<Address<'a>> {
    let Some((first, rest)) = segments.split_first() else {
        return Ok(Address::ServiceDocument);
    };
    let place = match &first.node {
        Segment::Metadata => {
            return match rest.first() {
                None => Ok(Address::Metadata),
                Some(next) => Err(nothing(next.span)),
            };
        }
        // Only reads know what it stands for: `entity_id`.
        Segment::Batch | Segment::Entity => return Err(nothing(first.span)),
        Segment::All => {
            return Ok(match all::asked(setting, rest)? {
                all::Asked::Entities => Address::All { count: false },
                all::Asked::Count => Address::All { count: true },
                all::Asked::Place(place) => Address::Rows(place),
            });
        }
        Segment::CrossJoin(_) => return Err(no_mixture(first.span)),
        // What it reads is in front of it: `posted`.
        Segment::Query => return Err(nothing(first.span)),
        Segment::Name { name, parens } => root(setting, name, parens.as_ref(), first.span)?,
        Segment::Text(text) => return Err(suggest::unknown_set(setting.model, text, first.span)),
        Segment::Key(_)
        | Segment::Count
        | Segment::Value
        | Segment::Ref
        | Segment::Each
        | Segment::Filter(_)
        | Segment::ContentId(_) => return Err(nothing(first.span)),
    };
    let place = rest.iter().try_fold(place, Place::step)?;
    Ok(Address::Rows(Box::new(place)))
}

/// `$crossjoin` (OData 4.01 Part 2, 4.15): every filter is declared for one set, and pairs of rows of
/// several sets have none in common.
fn no_mixture(span: Span) -> Problem {
    let message = "rows of several sets together are not offered";
    let problem = refuse::not_offered(message, span);
    problem.help("filters are declared set by set: read one set, with `$expand` for what belongs to its rows")
}

/// Nothing is here.
pub(super) fn nothing(span: Span) -> Problem {
    Problem::new(Code::NotFound, "there is nothing at this address").at(span)
}

/// The first segment: an entity set.
fn root<'a>(
    setting: Setting<'a>,
    name: &'a Name,
    parens: Option<&'a Parens>,
    span: Span,
) -> Result<Place<'a>> {
    if is_me(name) {
        return me(setting, parens, span);
    }
    let set = setting
        .model
        .set(&name.name)
        .filter(|_| name.namespace.is_empty());
    let Some(entity) = set else {
        if let Some(method) = declared(setting, name) {
            return Err(call::misplaced(method, name, span));
        }
        if name.namespace == Method::EXT {
            return Err(operation_later(name, span));
        }
        return Err(suggest::unknown_set(
            setting.model,
            &suggest::qualified(name),
            span,
        ));
    };
    let place = Place::of(Rows::named(setting, entity, span)?);
    match parens {
        None => Ok(place),
        Some(parens) => place.keyed(parens, span),
    }
}

/// The singleton that is the caller's own row, also as `Ext.Me`.
const ME: &str = "Me";

/// Whether a first segment is the name of that singleton.
pub(super) fn is_me(name: &Name) -> bool {
    matches!(name.namespace.as_str(), Method::EXT | "") && name.name == ME
}

/// `Me`: the caller's own row, which everybody may read.
fn me<'a>(setting: Setting<'a>, parens: Option<&Parens>, span: Span) -> Result<Place<'a>> {
    match parens {
        None | Some(Parens::Empty) => {}
        Some(Parens::Key(_) | Parens::Named(_)) => return Err(nothing(span)),
    }
    let Some((users, own)) = setting.rights.own() else {
        return Err(if setting.rights.is_nothing() {
            let message = "`Ext.Me` cannot be read: this sign-in lacks the scope `read`";
            let problem = Problem::new(Code::Forbidden, message).at(span);
            problem.help("users of some types have no scopes: they prove only who they are")
        } else {
            let problem = nothing(span);
            problem.help("`Ext.Me` is the user who has signed in, and nobody has")
        });
    };
    let rows = Rows::named(setting.with_rights(own), users, span)?;
    Ok(Place {
        single: true,
        ..Place::of(rows)
    })
}

/// A declared method of a name, whatever it is called on.
fn declared<'a>(setting: Setting<'a>, name: &Name) -> Option<&'a Method> {
    let namespace = (!name.namespace.is_empty()).then_some(name.namespace.as_str());
    let mut methods = setting.model.methods().iter();
    methods.find(|method| method.is_called(namespace, &name.name))
}

fn operation_later(name: &Name, span: Span) -> Problem {
    let text = format!(
        "the operation `{}` is not offered yet",
        suggest::qualified(name)
    );
    refuse::not_offered(&text, span)
}

impl<'a> Place<'a> {
    /// All of some rows.
    pub(super) fn of(rows: Rows<'a>) -> Self {
        Self {
            rows,
            single: false,
            parent: None,
            key: None,
            member: None,
            part: Part::Entities,
            via: None,
        }
    }

    /// The setting of the request.
    pub(super) fn setting(&self) -> Setting<'a> {
        self.rows.setting
    }

    /// One segment further.
    pub(super) fn step(self, segment: &'a At<Segment>) -> Result<Self> {
        let span = segment.span;
        match &self.part {
            Part::Entities => {}
            Part::Property(piece) => {
                let entity = self.setting().entity(self.rows.entity());
                let part = match piece.step(entity.attribute(piece.attribute), segment)? {
                    Next::Raw => Part::RawValue(piece.clone()),
                    Next::Part(piece) => Part::Property(piece),
                };
                return Ok(self.with_part(part));
            }
            Part::RawValue(_) | Part::Count | Part::Links => return Err(nothing(span)),
        }
        match &segment.node {
            Segment::Name { name, parens } => self.name(name, parens.as_ref(), span),
            Segment::Key(parens) => self.keyed(parens, span),
            Segment::Text(text) if !self.single => {
                let guid = Uuid::try_parse(text).map_err(|_| self.no_key(text, span))?;
                Ok(self.with_key(guid))
            }
            Segment::Count if !self.single => Ok(self.with_part(Part::Count)),
            Segment::Ref => Ok(self.with_part(Part::Links)),
            Segment::Filter(node) if !self.single => self.filtered(node),
            Segment::Each if !self.single => {
                let text = "`$each` changes many entities at once, which is not offered";
                Err(refuse::not_offered(text, span).help("send a change for each, in one batch"))
            }
            Segment::Value => Err(nothing(span).help("only properties have a `$value`")),
            Segment::Count => Err(nothing(span).help("only collections have a `$count`")),
            Segment::Text(_)
            | Segment::Filter(_)
            | Segment::Each
            | Segment::Metadata
            | Segment::Batch
            | Segment::Entity
            | Segment::Query
            | Segment::All
            | Segment::CrossJoin(_)
            | Segment::ContentId(_) => Err(nothing(span)),
        }
    }

    fn with_part(self, part: Part) -> Self {
        Self { part, ..self }
    }

    /// A segment that is a name: a cast, an operation, a key, or a property.
    fn name(self, name: &'a Name, parens: Option<&'a Parens>, span: Span) -> Result<Self> {
        let setting = self.setting();
        let entity = self.rows.entity();
        let property = setting.entity(entity).property(&name.name);
        match declared(setting, name) {
            Some(method) if property.is_none() || !name.namespace.is_empty() => {
                return Err(call::misplaced(method, name, span));
            }
            None if name.namespace == Method::EXT => return Err(operation_later(name, span)),
            Some(_) | None => {}
        }
        if !name.namespace.is_empty() {
            let cast = self.cast(setting.cast(entity, name, span)?, span)?;
            return match parens {
                None => Ok(cast),
                Some(parens) => cast.keyed(parens, span),
            };
        }
        if !self.single {
            return match (Uuid::try_parse(&name.name), property) {
                (Ok(guid), _) => Ok(self.with_key(guid)),
                (Err(_), Some(_)) => Err(self.choose_one(&name.name, span)),
                (Err(_), None) => Err(self.no_key(&name.name, span)),
            };
        }
        let place = match setting.property(entity, &name.name, span)? {
            PropertyId::Attribute(id) => {
                setting.open(entity, id, span)?;
                self.with_part(Part::Property(Piece::whole(id)))
            }
            PropertyId::Reference(id) => self.reference(id, span)?,
            PropertyId::Collection(id) => self.collection(id, span)?,
        };
        match parens {
            None => Ok(place),
            Some(parens) => place.keyed(parens, span),
        }
    }

    fn choose_one(&self, name: &str, span: Span) -> Problem {
        let set = &self.setting().entity(self.rows.entity()).set;
        Problem::new(
            Code::NotFound,
            format!("`{name}` belongs to one entity, and this is a collection"),
        )
        .about(name)
        .at(span)
        .help(format!("choose one entity first: `{set}(guid)/{name}`"))
    }

    fn filtered(mut self, node: &'a Node) -> Result<Self> {
        self.rows.filter(node)?;
        Ok(self)
    }

    /// The same rows as another type: a base type changes nothing.
    fn cast(self, to: EntityId, span: Span) -> Result<Self> {
        let setting = self.setting();
        if setting.model.is_a(self.rows.entity(), to) {
            return Ok(self);
        }
        let mut rows = Rows::named(setting, to, span)?;
        // Known by its key alone it is only where every row of the type is visible.
        let plain = rows.predicate == Predicate::Always;
        let key = rows.here.key();
        match self.key {
            Some(guid) => rows.narrow(equal(key, guid)),
            None if self.rows.predicate == Predicate::Always => {}
            None => {
                let from = self.rows.here.key();
                rows.narrow(within(key, self.rows.guids(from)));
            }
        }
        Ok(Self {
            rows,
            parent: None,
            key: self.key.filter(|_| plain),
            ..self
        })
    }

    /// The entity that a reference points at.
    fn reference(self, id: ReferenceId, span: Span) -> Result<Self> {
        let (setting, mut from) = (self.setting(), self.rows);
        visible::check_property(setting, from.entity(), PropertyId::Reference(id), span)?;
        let target = setting.entity(from.entity()).reference(id).target;
        let column = from.tables.stored(setting, from.here, id)?.column;
        let key = from.here.key();
        let entity = from.entity();
        let pointing = from.guids(column);
        let parent = SubQuery {
            select: key,
            ..pointing.clone()
        };
        let via = Via {
            property: PropertyId::Reference(id),
            from: located(entity, self.key, parent.clone()),
        };
        let mut rows = Rows::named(setting, target, span)?;
        let target_key = rows.here.key();
        rows.narrow(within(target_key, pointing));
        Ok(Self {
            rows,
            single: true,
            parent: Some(parent),
            key: None,
            member: None,
            part: Part::Entities,
            via: Some(via),
        })
    }

    /// The children in a collection.
    fn collection(self, id: CollectionId, span: Span) -> Result<Self> {
        let (setting, from) = (self.setting(), self.rows);
        let collection = setting.entity(from.entity()).collection(id);
        let mut rows = Rows::named(setting, collection.target, span)?;
        let back = rows
            .tables
            .stored(setting, rows.here, collection.back)?
            .column;
        let key = from.here.key();
        let entity = from.entity();
        let parent = from.guids(key);
        let via = Via {
            property: PropertyId::Collection(id),
            from: located(entity, self.key, parent.clone()),
        };
        rows.narrow(match self.key {
            Some(guid) => equal(back, guid),
            None => within(back, parent.clone()),
        });
        Ok(Self {
            rows,
            single: false,
            parent: Some(parent),
            key: None,
            member: None,
            part: Part::Entities,
            via: Some(via),
        })
    }
}

/// An object by its key where that is known, else by its rows.
pub(super) fn located(entity: EntityId, key: Option<Uuid>, rows: SubQuery) -> Located {
    Located {
        entity,
        by: key.map_or_else(|| By::Rows(Box::new(rows)), By::Key),
    }
}

/// The rows whose column is one guid.
pub(super) fn equal(column: Column, guid: Uuid) -> Predicate {
    Predicate::Compare {
        term: Term::Column(column),
        operator: CompareOperator::Eq,
        value: Value::Guid(guid),
        or_null: false,
    }
}

fn within(column: Column, query: SubQuery) -> Predicate {
    Predicate::Within {
        column,
        negated: false,
        query: Box::new(query),
    }
}

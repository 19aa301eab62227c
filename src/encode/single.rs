//! Answers that are one row: an entity, an address, a property, the bare text of one.

use uuid::Uuid;

use crate::diag::Result;
use crate::model::Model;
use crate::plan::{Member, Query, Shape};
use crate::store::{Flow, Row, RowSink};
use crate::value::Kind;

use super::cell::{CellAt, CustomForm, cell_at, form, part_form};
use super::escape::{json_escaped, json_string};
use super::page::fault;
use super::program::{Piece, Program, member_lead, pieces};
use super::row;
use super::scalar;
use super::style::{Control, MetadataLevel, Style};
use super::tree::{Level, RowHook, Source, Tree};
use super::value::{self, Form};

/// Bytes that the row of a whole entity usually takes.
const USUAL_ROW: usize = 2048;

/// A body made of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single {
    /// The body; nothing where the value is null.
    pub body: Option<Vec<u8>>,
    /// The entity tag of the row, `W/"17"`, where the entity has versions.
    pub etag: Option<String>,
}

/// Writes the entity that the query gives; nothing where it gives no row.
///
/// `context` is the context URL, where the answer carries one.
pub fn entity<S: Source>(
    model: &Model,
    query: &Query,
    shape: &Shape,
    style: &Style,
    context: Option<&str>,
    source: &mut S,
) -> Result<Option<Single>> {
    let mut tree = Tree::new(model, query, shape, style)?;
    tree.program.put_first(context, style.control);
    let version = shape.version.map(|at| cell_at(model, query, at));
    one_row(&tree, version.transpose()?, query, source)
}

/// Writes every entity that the query gives as a body of its own, by its key: the answers of many
/// requests for one entity each, in as many statements as one of them takes.
///
/// `context` is the context URL, where the answers carry one.
pub fn entities<S: Source>(
    model: &Model,
    query: &Query,
    shape: &Shape,
    style: &Style,
    context: Option<&str>,
    source: &mut S,
) -> Result<Vec<(Uuid, Single)>> {
    let mut tree = Tree::new(model, query, shape, style)?;
    tree.program.put_first(context, style.control);
    let version = shape.version.map(|at| cell_at(model, query, at));
    let mut sink = EveryRow {
        tree: &tree,
        key: cell_at(model, query, shape.key)?,
        version: version.transpose()?,
        level: Level::default(),
        tags: Vec::new(),
    };
    source.select(query, None, &mut sink)?;
    let (level, tags) = (sink.level, sink.tags);
    let mut bodies = Bodies(Vec::with_capacity(tags.len()));
    tree.stitch(source, &level, &mut Vec::new(), &mut bodies)?;
    let bodies = bodies.0.into_iter().zip(tags);
    Ok(bodies
        .map(|((key, body), etag)| {
            let body = Some(body);
            (key, Single { body, etag })
        })
        .collect())
}

/// Takes every row and its entity tag.
struct EveryRow<'a, 'm, 'p> {
    tree: &'a Tree<'m, 'p>,
    key: CellAt<'m>,
    version: Option<CellAt<'m>>,
    level: Level,
    tags: Vec<Option<String>>,
}

impl RowSink for EveryRow<'_, '_, '_> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let key = row::key(row, self.key)?;
        self.tree.push(row, key, &mut self.level)?;
        self.tags.push(tag(row, self.version)?);
        Ok(Flow::More)
    }
}

/// Takes each finished row as a body.
struct Bodies(Vec<(Uuid, Vec<u8>)>);

impl RowHook for Bodies {
    fn begin(&mut self, _: &mut Vec<u8>) {}

    fn end(&mut self, out: &mut Vec<u8>, start: usize, key: Uuid) -> Result<Flow> {
        self.0.push((key, out.split_off(start)));
        Ok(Flow::More)
    }
}

/// The entity tag of a row, where its entity has versions.
fn tag<R: Row>(row: &R, version: Option<CellAt<'_>>) -> Result<Option<String>> {
    let number = match version {
        Some(at) => row::version(row, at)?,
        None => None,
    };
    Ok(number.map(|number| format!("W/\"{number}\"")))
}

/// Writes the address of the entity that the query gives; nothing where it gives no row.
pub fn entity_link<S: Source>(
    model: &Model,
    query: &Query,
    shape: &Shape,
    style: &Style,
    context: Option<&str>,
    source: &mut S,
) -> Result<Option<Single>> {
    let mut tree = Tree::links(model, query, shape, style)?;
    tree.program.put_first(context, style.control);
    one_row(&tree, None, query, source)
}

fn one_row<S: Source>(
    tree: &Tree<'_, '_>,
    version: Option<CellAt<'_>>,
    query: &Query,
    source: &mut S,
) -> Result<Option<Single>> {
    let mut sink = FirstRow {
        tree,
        version,
        level: Level::with_room(USUAL_ROW),
        found: None,
    };
    source.select(query, None, &mut sink)?;
    let Some(etag) = sink.found else {
        return Ok(None);
    };
    let mut body = Vec::with_capacity(sink.level.len() + 2);
    tree.stitch(source, &sink.level, &mut body, &mut Alone)?;
    Ok(Some(Single {
        body: Some(body),
        etag,
    }))
}

/// Takes the first row and its entity tag.
struct FirstRow<'a, 'm, 'p> {
    tree: &'a Tree<'m, 'p>,
    version: Option<CellAt<'m>>,
    level: Level,
    found: Option<Option<String>>,
}

impl RowSink for FirstRow<'_, '_, '_> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.tree.push(row, Uuid::nil(), &mut self.level)?;
        self.found = Some(tag(row, self.version)?);
        Ok(Flow::Stop)
    }
}

/// Nothing happens around the row.
struct Alone;

impl RowHook for Alone {
    fn begin(&mut self, _: &mut Vec<u8>) {}

    fn end(&mut self, _: &mut Vec<u8>, _: usize, _: Uuid) -> Result<Flow> {
        Ok(Flow::More)
    }
}

/// The value of the only member of a shape.
#[derive(Debug)]
pub struct Property<'m> {
    name: String,
    key: CellAt<'m>,
    set: &'m str,
    /// Whether the value is an object, which the answer itself stands for.
    structured: bool,
    content: Content<'m>,
    metadata: MetadataLevel,
    control: Control,
}

#[derive(Debug)]
enum Content<'m> {
    Value(CellAt<'m>, Form<'m>),
    Custom([CellAt<'m>; 3], CustomForm),
    Display(Vec<Piece<'m>>),
}

impl<'m> Property<'m> {
    /// Takes the shape of a property's answer apart.
    pub fn new(model: &'m Model, query: &Query, shape: &Shape, style: &Style) -> Result<Self> {
        let entity = model.entity(shape.entity);
        let member = shape.members.first();
        let (name, kind, content) = match member {
            Some(Member::Attribute {
                id,
                position,
                languages,
            }) => {
                let attribute = entity.attribute(*id);
                let at = cell_at(model, query, *position)?;
                match languages.as_slice() {
                    // `…/Name/EN`: the text of one language is a property of its own.
                    [key] => (
                        format!("{}/{key}", attribute.name),
                        Kind::String,
                        Content::Value(at, Form::OneLanguage(key.clone())),
                    ),
                    _ => (
                        attribute.name.clone(),
                        attribute.kind,
                        Content::Value(at, form(model, attribute, languages, style)),
                    ),
                }
            }
            Some(Member::DisplayText(parts)) => (
                "DisplayText".to_owned(),
                Kind::String,
                Content::Display(pieces(model, query, parts, style)?),
            ),
            Some(Member::Custom {
                id,
                value,
                value_id,
                description,
                chosen,
            }) => {
                let at = |position: &usize| cell_at(model, query, *position);
                let cells = [at(value)?, at(value_id)?, at(description)?];
                (
                    entity.attribute(*id).name.clone(),
                    Kind::String,
                    Content::Custom(cells, CustomForm::of(chosen, style)),
                )
            }
            Some(Member::CustomPart {
                path,
                kind,
                position,
                language,
            }) => {
                let at = cell_at(model, query, *position)?;
                let form = part_form(*kind, language.as_ref(), style);
                (path.clone(), *kind, Content::Value(at, form))
            }
            Some(
                Member::OfType { .. }
                | Member::Reference { .. }
                | Member::Computed(_)
                | Member::Expanded(_),
            )
            | None => {
                return Err(fault("the answer of a property has no value"));
            }
        };
        let structured = match content {
            Content::Custom(..) => true,
            Content::Value(..) => kind == Kind::Multilanguage,
            Content::Display(_) => false,
        };
        Ok(Self {
            name,
            key: cell_at(model, query, shape.key)?,
            set: &entity.set,
            structured,
            content,
            metadata: style.metadata,
            control: style.control,
        })
    }

    /// Writes `{"@odata.context":…,"value":…}`; complex values stand for the object itself (OData
    /// JSON 4.01, section 11). Nothing where the query gives no row.
    pub fn json<S: Source>(
        &self,
        root: &str,
        query: &Query,
        source: &mut S,
    ) -> Result<Option<Single>> {
        self.read(query, source, &mut PropertyBody::Json { root })
    }

    /// Writes the bare value; nothing where the query gives no row.
    pub fn raw<S: Source>(&self, query: &Query, source: &mut S) -> Result<Option<Single>> {
        self.read(query, source, &mut PropertyBody::Raw)
    }

    fn read<S: Source>(
        &self,
        query: &Query,
        source: &mut S,
        form: &mut PropertyBody<'_>,
    ) -> Result<Option<Single>> {
        let mut sink = PropertySink {
            property: self,
            form,
            found: None,
        };
        source.select(query, None, &mut sink)?;
        Ok(sink.found.map(|body| Single { body, etag: None }))
    }

    fn json_body<R: Row>(&self, root: &str, row: &R) -> Result<Option<Vec<u8>>> {
        let mut value = Vec::new();
        let null = match &self.content {
            Content::Value(at, form) => row.cell(at.position, at.kind, |cell| {
                value::json(&mut value, cell, form)
            })?,
            Content::Custom(cells, form) => row::custom(row, cells, form, &mut value)?,
            Content::Display(pieces) => {
                json_string(&mut value, &row::display_text(row, pieces)?);
                false
            }
        };
        if null {
            return Ok(None);
        }
        let mut out = Vec::with_capacity(value.len() + 160);
        if self.metadata != MetadataLevel::None {
            out.extend_from_slice(b",\"@");
            out.extend_from_slice(self.control.prefix().as_bytes());
            out.extend_from_slice(b"context\":\"");
            json_escaped(&mut out, root);
            out.extend_from_slice(b"$metadata#");
            out.extend_from_slice(self.set.as_bytes());
            out.push(b'(');
            scalar::guid(&mut out, row::key(row, self.key)?);
            out.extend_from_slice(b")/");
            json_escaped(&mut out, &self.name);
            out.push(b'"');
        }
        match value.as_slice() {
            [b'{', b'}'] if self.structured => {}
            [b'{', members @ .., b'}'] if self.structured => {
                out.push(b',');
                out.extend_from_slice(members);
            }
            value => {
                out.extend_from_slice(b",\"value\":");
                out.extend_from_slice(value);
            }
        }
        row::close_object(&mut out, 0);
        Ok(Some(out))
    }

    fn raw_body<R: Row>(&self, row: &R) -> Result<Option<Vec<u8>>> {
        match &self.content {
            Content::Value(at, form) => {
                row.cell(at.position, at.kind, |cell| value::raw(cell, form))
            }
            // As in tables: the short value.
            Content::Custom([short, ..], _) => row.cell(short.position, short.kind, |cell| {
                value::raw(cell, &Form::Plain)
            }),
            Content::Display(pieces) => Ok(Some(row::display_text(row, pieces)?.into_bytes())),
        }
    }
}

/// The two forms of a property's answer.
enum PropertyBody<'r> {
    Json { root: &'r str },
    Raw,
}

struct PropertySink<'a, 'm, 'r> {
    property: &'a Property<'m>,
    form: &'a mut PropertyBody<'r>,
    found: Option<Option<Vec<u8>>>,
}

impl RowSink for PropertySink<'_, '_, '_> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.found = Some(match self.form {
            PropertyBody::Json { root } => self.property.json_body(root, row)?,
            PropertyBody::Raw => self.property.raw_body(row)?,
        });
        Ok(Flow::Stop)
    }
}

impl Program<'_> {
    /// Puts `@odata.context` before all other members.
    pub(super) fn put_first(&mut self, context: Option<&str>, control: Control) {
        if let Some(context) = context {
            let mut text = Vec::with_capacity(context.len() + 24);
            member_lead(&mut text, &control.name("context"), None);
            json_string(&mut text, context);
            self.insert_first(&text);
        }
    }
}
